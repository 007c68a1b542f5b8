#include "mount_hide.h"

#include "mount_attach.h"
#include "mount_report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is there now, held open, or -1 when nothing is. */
static int open_target(const struct base *base, const char *path, struct stat *status)
{
    struct place place;
    int fd = -1;
    if (place_find(base, path, CREATE_NOTHING, &place)) {
        if (place.name[0] == '\0') give_up(0, path, "%s", "the root itself cannot be masked or protected");
        fd = place_open(&place);
        place_close(&place);
    }
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR) give_up(errno, path, "%s", "masked or protected path");
    if (fd >= 0 && fstat(fd, status) != 0) give_up(errno, path, "%s", "masked or protected path");
    return fd;
}

void hide_path(const struct base *base, const char *path)
{
    struct stat status;
    int fd = open_target(base, path, &status);
    if (fd < 0) return;
    close(fd);
    char no_data[] = "", smallest[] = "nr_blocks=1,nr_inodes=1";
    struct mount_options folder = {.set = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, .data = smallest};
    struct mount_options device = {.data = no_data};
    if (S_ISDIR(status.st_mode)) attach_filesystem(base, path, "tmpfs", "tmpfs", &folder);
    else attach_bind(base, path, "/dev/null", &device);
}

void protect_path(const struct base *base, const char *path)
{
    struct stat status;
    int fd = open_target(base, path, &status);
    if (fd < 0) return;
    /* By the descriptor: whatever the path means a moment later, what is bound is what was found. */
    char source[64], no_data[] = "";
    descriptor_path(fd, source);
    struct mount_options options = {.set = MS_RDONLY, .recursive_bind = true, .data = no_data};
    attach_bind(base, path, source, &options);
    close(fd);
}
