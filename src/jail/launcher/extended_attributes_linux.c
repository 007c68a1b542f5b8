#include "extended_attributes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

/* The kernel's limits for a list of names and for a value. */
enum { NAMES_SIZE = 65536, VALUE_SIZE = 65536, PATH_SIZE = 32 };

/* The path by which a descriptor that only names a file can be used where no descriptor can. */
static void path_of(int fd, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
}

static ssize_t list(int fd, bool opened, char *names)
{
    char path[PATH_SIZE];
    if (opened) return flistxattr(fd, names, NAMES_SIZE);
    path_of(fd, path);
    return listxattr(path, names, NAMES_SIZE);
}

static ssize_t get(int fd, bool opened, const char *name, void *value)
{
    char path[PATH_SIZE];
    if (opened) return fgetxattr(fd, name, value, VALUE_SIZE);
    path_of(fd, path);
    return getxattr(path, name, value, VALUE_SIZE);
}

static int set(int fd, bool opened, const char *name, const void *value, size_t size)
{
    char path[PATH_SIZE];
    if (opened) return fsetxattr(fd, name, value, size, 0);
    path_of(fd, path);
    return setxattr(path, name, value, size, 0);
}

static bool is_refusal(void)
{
    return errno == EOPNOTSUPP || errno == EPERM || errno == EACCES;
}

static bool copy_one(int from, int to, bool opened, const char *name, char *value)
{
    ssize_t size = get(from, opened, name, value);
    if (size < 0) return errno == ENODATA || is_refusal();
    return set(to, opened, name, value, (size_t)size) == 0 || is_refusal();
}

static bool copy_listed(int from, int to, bool opened, const char *names, ssize_t length)
{
    char *value = malloc(VALUE_SIZE);
    if (value == NULL) return false;
    bool copied = true;
    for (ssize_t at = 0; copied && at < length; at += (ssize_t)strlen(names + at) + 1) {
        copied = copy_one(from, to, opened, names + at, value);
    }
    int error = errno;
    free(value);
    errno = error;
    return copied;
}

static bool copy_all(int from, int to, bool opened)
{
    /* Threads come here for each file, and few files have any. */
    char names[NAMES_SIZE];
    ssize_t length = list(from, opened, names);
    if (length < 0) return is_refusal();
    return length == 0 || copy_listed(from, to, opened, names, length);
}

bool extended_copy(int from, int to)
{
    return copy_all(from, to, true);
}

bool extended_copy_unopened(int from, int to)
{
    return copy_all(from, to, false);
}
