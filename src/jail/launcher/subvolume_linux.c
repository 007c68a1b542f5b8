#include "subvolume.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The inode of every subvolume's top. */
enum { TOP_INODE = 256 };

static bool is_subvolume(int fd)
{
    struct statfs system;
    struct stat status;
    return fstatfs(fd, &system) == 0 && system.f_type == BTRFS_SUPER_MAGIC && fstat(fd, &status) == 0 &&
           status.st_ino == TOP_INODE;
}

/* The folder that the path's last part is in, and that part; -1 with errno. */
static int open_parent(const char *path, const char **name)
{
    char above[PATH_MAX];
    const char *slash = strrchr(path, '/');
    *name = slash == NULL ? path : slash + 1;
    int length = slash == NULL ? 1 : (int)(slash - path) + 1;
    bool fits = snprintf(above, sizeof above, "%.*s", length, slash == NULL ? "." : path) < (int)sizeof above;
    if (fits && strlen(*name) <= BTRFS_SUBVOL_NAME_MAX) return open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    errno = ENAMETOOLONG;
    return -1;
}

/* `number` as musl's ioctl takes it; glibc's takes a wider one. */
static bool request(const char *path, int number, int from)
{
    struct btrfs_ioctl_vol_args_v2 arguments = {.fd = from};
    const char *name;
    int above = open_parent(path, &name);
    if (above < 0) return false;
    strcpy(arguments.name, name);
    bool done = ioctl(above, (unsigned)number, &arguments) == 0;
    int error = errno;
    close(above);
    errno = error;
    return done;
}

bool subvolume_create(const char *path)
{
    return request(path, BTRFS_IOC_SUBVOL_CREATE_V2, 0);
}

bool subvolume_copy(int from, const char *path)
{
    if (is_subvolume(from)) return request(path, BTRFS_IOC_SNAP_CREATE_V2, from);
    errno = ENOTSUP;
    return false;
}

bool subvolume_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_one = is_subvolume(fd);
    close(fd);
    if (is_one) return request(path, BTRFS_IOC_SNAP_DESTROY_V2, 0);
    errno = ENOTSUP;
    return false;
}

bool subvolumes_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    /* Unlike fsync(2) it wakes up who removes them. */
    bool synced = ioctl(fd, BTRFS_IOC_SYNC, NULL) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return synced;
}
