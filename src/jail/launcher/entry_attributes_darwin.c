#include "entry_attributes.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* From <sys/xattr.h>, which the cross compiler does not bring. */
extern ssize_t flistxattr(int fd, char *names, size_t size, int options);
extern ssize_t fgetxattr(int fd, const char *name, void *value, size_t size, uint32_t position, int options);

static int open_entry(int folder, const char *name)
{
    /* O_SYMLINK opens a link itself. */
    return openat(folder, name == NULL ? "." : name, O_RDONLY | O_SYMLINK | O_NONBLOCK | O_CLOEXEC);
}

ssize_t entry_attribute_names(int folder, const char *name, char *names, size_t size)
{
    int fd = open_entry(folder, name);
    if (fd < 0) return -1;
    ssize_t length = flistxattr(fd, names, size, 0);
    close(fd);
    return length;
}

ssize_t entry_attribute(int folder, const char *name, const char *key, void *value, size_t size)
{
    int fd = open_entry(folder, name);
    if (fd < 0) return -1;
    ssize_t length = fgetxattr(fd, key, value, size, 0, 0);
    close(fd);
    return length;
}

/* What the system notes about a file that was downloaded, opened or judged on this machine. */
static const char *const local_keys[] = {"com.apple.provenance", "com.apple.quarantine", "com.apple.lastuseddate#PS",
                                         "com.apple.macl", "com.apple.rootless"};

bool is_layer_attribute(const char *key)
{
    for (size_t i = 0; i < sizeof local_keys / sizeof local_keys[0]; i++) {
        if (strcmp(key, local_keys[i]) == 0) return false;
    }
    return true;
}
