#include "mount_copy.h"

#ifdef __linux__

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { COPY_SIZE = 65536, NAMES_SIZE = 65536 };

static bool write_block(int to, const char *data, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t written = pwrite(to, data, size, at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        data += written;
        size -= (size_t)written;
        at += written;
    }
    return true;
}

bool copy_content(int from, int to)
{
    char block[COPY_SIZE];
    struct stat status;
    off_t at = 0;
    if (fstat(to, &status) != 0) return false;
    if (status.st_size == 0 && ioctl(to, FICLONE, from) == 0) return true;
    for (;;) {
        ssize_t got = pread(from, block, sizeof block, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) return ftruncate(to, at) == 0;
        if (!write_block(to, block, (size_t)got, at)) return false;
        at += got;
    }
}

static void copy_extended(int from, int to)
{
    static char names[NAMES_SIZE], value[COPY_SIZE];
    ssize_t length = flistxattr(from, names, sizeof names);
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t size = fgetxattr(from, names + at, value, sizeof value);
        if (size >= 0) fsetxattr(to, names + at, value, (size_t)size, 0);
    }
}

bool copy_attributes(int from, int to)
{
    struct stat status;
    if (fstat(from, &status) != 0) return false;
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    /* The owner first: changing it takes the set-user-id bit away. */
    if (fchown(to, status.st_uid, status.st_gid) != 0 || fchmod(to, status.st_mode & 07777) != 0) return false;
    copy_extended(from, to);
    return futimens(to, times) == 0;
}

#endif
