#include "platform.h"

#include "host_pty.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

bool platform_close_from(int lowest)
{
    return syscall(SYS_close_range, (unsigned int)lowest, ~0U, 0) == 0;
}

bool platform_set_groups(gid_t gid, const gid_t *groups, size_t count)
{
    (void)gid;
    return setgroups(count, groups) == 0;
}

int platform_get_groups(int size, gid_t *groups)
{
    return getgroups(size, groups);
}

/* The jail's /dev/pts, looked up as if in the jail so that no link leads out; -1 when no devpts is mounted there. */
static int open_jail_devpts(const char *root)
{
    int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0) return -1;
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, root_fd, "dev/pts", &how, sizeof how);
    close(root_fd);
    struct statfs status;
    if (fd >= 0 && (fstatfs(fd, &status) != 0 || status.f_type != DEVPTS_SUPER_MAGIC)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool open_slave(int devpts, int master, int *slave)
{
    int locked = 0;
    unsigned int number;
    if (ioctl(master, TIOCSPTLCK, &locked) != 0 || ioctl(master, TIOCGPTN, &number) != 0) return false;
    char name[16];
    snprintf(name, sizeof name, "%u", number);
    *slave = openat(devpts, name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return *slave >= 0;
}

static bool open_pty_in(int devpts, int *master, int *slave)
{
    *master = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0) return false;
    if (open_slave(devpts, *master, slave)) return true;
    int error = errno;
    close(*master);
    errno = error;
    return false;
}

bool platform_open_pty(const char *root, int *master, int *slave)
{
    int devpts = root == NULL ? -1 : open_jail_devpts(root);
    if (devpts < 0) return host_pty_open(master, slave);
    bool opened = open_pty_in(devpts, master, slave);
    int error = errno;
    close(devpts);
    errno = error;
    return opened;
}

bool platform_own_path(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size);
    if (length < 0 || (size_t)length >= size) return false;
    path[length] = '\0';
    return true;
}

rlim_t platform_most_files(rlim_t hard)
{
    return hard;
}
