#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static int open_part(int above, const char *part, size_t length)
{
    char name[NAME_MAX + 1];
    if (length > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, part, length);
    name[length] = '\0';
    return openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int open_parent_beneath(int top, const char *path, const char **name)
{
    int fd = fcntl(top, F_DUPFD_CLOEXEC, 0);
    const char *part = path;
    for (const char *slash; fd >= 0 && (slash = strchr(part, '/')) != NULL; part = slash + 1) {
        int below = open_part(fd, part, (size_t)(slash - part));
        int error = errno;
        close(fd);
        errno = error;
        fd = below;
    }
    *name = part;
    return fd;
}
