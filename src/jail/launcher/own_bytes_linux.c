#include "own_bytes.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { EXTENTS = 64, XFS_MAGIC = 0x58465342 };

/* The kernel's structure, with room behind it for the extents. */
union extent_map {
    struct fiemap map;
    char room[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)];
};

bool may_share_bytes(const char *path)
{
    struct statfs status;
    if (statfs(path, &status) != 0) return false;
    return status.f_type == BTRFS_SUPER_MAGIC || status.f_type == XFS_MAGIC;
}

/* Takes what is shared in this part of the file's extents away; false after the last part. */
static bool subtract_shared(union extent_map *part, unsigned long long *own)
{
    for (unsigned i = 0; i < part->map.fm_mapped_extents; i++) {
        const struct fiemap_extent *extent = &part->map.fm_extents[i];
        bool shared = (extent->fe_flags & FIEMAP_EXTENT_SHARED) != 0;
        if (shared) *own -= extent->fe_length < *own ? extent->fe_length : *own;
        if ((extent->fe_flags & FIEMAP_EXTENT_LAST) != 0) return false;
        part->map.fm_start = extent->fe_logical + extent->fe_length;
    }
    return part->map.fm_mapped_extents > 0;
}

unsigned long long own_bytes(int folder, const char *name, unsigned long long allocated)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return allocated;
    unsigned long long own = allocated;
    union extent_map part = {.room = {0}};
    do {
        part.map.fm_length = FIEMAP_MAX_OFFSET - part.map.fm_start;
        part.map.fm_flags = 0;
        part.map.fm_extent_count = EXTENTS;
        part.map.fm_mapped_extents = 0;
    } while (ioctl(fd, FS_IOC_FIEMAP, &part) == 0 && subtract_shared(&part, &own));
    close(fd);
    return own;
}
