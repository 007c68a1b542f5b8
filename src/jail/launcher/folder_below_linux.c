#include "folder_below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Kernels before 5.6: a bind mount of the same file system is not seen. */
static int open_by_device(int above, const char *name)
{
    struct stat outer, inner;
    int fd = openat(above, name, FLAGS);
    if (fd < 0 || (fstat(above, &outer) == 0 && fstat(fd, &inner) == 0 && outer.st_dev == inner.st_dev)) return fd;
    close(fd);
    errno = EXDEV;
    return -1;
}

int folder_below(int above, const char *name)
{
    /* Not by device: a folder of the same one may be mounted there, and a subvolume of btrfs is a device of its own. */
    struct open_how how = {.flags = FLAGS, .resolve = RESOLVE_NO_XDEV | RESOLVE_BENEATH};
    int fd = (int)syscall(SYS_openat2, above, name, &how, sizeof how);
    return fd < 0 && errno == ENOSYS ? open_by_device(above, name) : fd;
}
