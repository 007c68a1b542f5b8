#include "folder_below.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_below(int above, const char *name)
{
    struct stat outer, inner;
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* Every mount is a device of its own. */
    if (fd < 0 || (fstat(above, &outer) == 0 && fstat(fd, &inner) == 0 && outer.st_dev == inner.st_dev)) return fd;
    close(fd);
    errno = EXDEV;
    return -1;
}
