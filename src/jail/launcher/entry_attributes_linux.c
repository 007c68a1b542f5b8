#include "entry_attributes.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

enum { PATH_SIZE = NAME_MAX + 64 };

/* The folder's descriptor as a path, which the kernel takes without walking one; only the last part may be a link. */
static void path_of(int folder, const char *name, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "/proc/self/fd/%d/%s", folder, name == NULL ? "." : name);
}

ssize_t entry_attribute_names(int folder, const char *name, char *names, size_t size)
{
    char path[PATH_SIZE];
    path_of(folder, name, path);
    return llistxattr(path, names, size);
}

ssize_t entry_attribute(int folder, const char *name, const char *key, void *value, size_t size)
{
    char path[PATH_SIZE];
    path_of(folder, name, path);
    return lgetxattr(path, key, value, size);
}

/* ACLs name users of this machine; the rest belongs to the kernel, the file system or a security module. */
bool is_layer_attribute(const char *key)
{
    return strcmp(key, "security.capability") == 0 || strncmp(key, "user.", strlen("user.")) == 0;
}
