#include "platform.h"

#include "host_pty.h"

#include <errno.h>
#include <libproc.h>
#include <limits.h>
#include <mach-o/dyld.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

bool platform_close_from(int lowest)
{
    int size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, NULL, 0);
    struct proc_fdinfo *open_ones = size <= 0 ? NULL : malloc((size_t)size);
    if (open_ones == NULL) return false;
    size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, open_ones, size);
    for (int i = 0; i < size / (int)sizeof *open_ones; i++) {
        if (open_ones[i].proc_fd >= lowest) close(open_ones[i].proc_fd);
    }
    free(open_ones);
    return size > 0;
}

/*
 * The kernel keeps the effective gid in the first place of the list, where setgid overwrites whatever stands there; so the
 * gid is put there first. With it, no more than NGROUPS_MAX (16) fit: above that it answers EINVAL.
 */
bool platform_set_groups(gid_t gid, const gid_t *groups, size_t count)
{
    gid_t list[NGROUPS_MAX];
    size_t filled = 0;
    list[filled++] = gid;
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == gid) continue;
        if (filled == NGROUPS_MAX) {
            errno = EINVAL;
            return false;
        }
        list[filled++] = groups[i];
    }
    return setgroups((int)filled, list) == 0;
}

/* The header's getgroups asks the directory service for the user's groups; this one asks the kernel for ours. */
extern int kernel_getgroups(int size, gid_t *groups) __asm__("_getgroups");

int platform_get_groups(int size, gid_t *groups)
{
    return kernel_getgroups(size, groups);
}

/* There is one name space of ptys: with devfs mounted in the jail, the host's names are good there too. */
bool platform_open_pty(const char *root, int *master, int *slave)
{
    (void)root;
    return host_pty_open(master, slave);
}

bool platform_own_path(char *path, size_t size)
{
    char name[PATH_MAX], real[PATH_MAX];
    uint32_t name_size = sizeof name;
    if (_NSGetExecutablePath(name, &name_size) != 0 || realpath(name, real) == NULL) return false;
    return strlcpy(path, real, size) < size;
}

/* The hard limit may be endless, which setrlimit refuses as a soft one. */
rlim_t platform_most_files(rlim_t hard)
{
    int most = 0;
    size_t size = sizeof most;
    if (sysctlbyname("kern.maxfilesperproc", &most, &size, NULL, 0) != 0 || most <= 0) most = OPEN_MAX;
    return hard < (rlim_t)most ? hard : (rlim_t)most;
}
