#include "layer.h"

#include "layer_attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#define MTIME(status) ((status)->st_mtimespec)
#define CTIME(status) ((status)->st_ctimespec)
#else
#define MTIME(status) ((status)->st_mtim)
#define CTIME(status) ((status)->st_ctim)
#endif

enum { BLOCK = 65536 };

static bool is_before(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec < other->tv_sec || (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

/*
 * Nothing of the file has changed since the trees were alike. Whoever sets a file's times back does not set this one, and a
 * clock that went back is not enough to be taken in: size and time of the content are compared before.
 */
static bool is_untouched(const struct layer *layer, const struct stat *newer)
{
    return layer->has_cloned && is_before(&CTIME(newer), &layer->cloned);
}

static bool is_same_metadata(const struct stat *one, const struct stat *other)
{
    bool is_device = S_ISCHR(one->st_mode) || S_ISBLK(one->st_mode);
    return one->st_mode == other->st_mode && one->st_uid == other->st_uid && one->st_gid == other->st_gid &&
           (!is_device || one->st_rdev == other->st_rdev);
}

static bool is_same_target(const struct level *level, const char *name)
{
    char one[PATH_MAX], other[PATH_MAX];
    ssize_t length = readlinkat(level->lower, name, one, sizeof one);
    return length >= 0 && readlinkat(level->upper, name, other, sizeof other) == length &&
           memcmp(one, other, (size_t)length) == 0;
}

static ssize_t read_block(int fd, char block[BLOCK])
{
    size_t filled = 0;
    while (filled < BLOCK) {
        ssize_t got = read(fd, block + filled, BLOCK - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        filled += (size_t)got;
    }
    return (ssize_t)filled;
}

static bool is_same_bytes(int one, int other, bool *failed)
{
    static char one_block[BLOCK], other_block[BLOCK];
    for (;;) {
        ssize_t size = read_block(one, one_block), other_size = read_block(other, other_block);
        *failed = size < 0 || other_size < 0;
        if (*failed || size != other_size || memcmp(one_block, other_block, (size_t)size) != 0) return false;
        if (size < BLOCK) return true;
    }
}

static bool is_same_content(const struct level *level, const char *name, bool *failed)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int one = openat(level->lower, name, flags), other = openat(level->upper, name, flags);
    *failed = one < 0 || other < 0;
    bool same = !*failed && is_same_bytes(one, other, failed);
    int error = errno;
    if (one >= 0) close(one);
    if (other >= 0) close(other);
    errno = error;
    return same;
}

bool layer_is_same(const struct layer *layer, const struct level *level, const char *name, const struct stat *older,
                   const struct stat *newer, bool *failed)
{
    *failed = false;
    if (!is_same_metadata(older, newer)) return false;
    bool is_folder = S_ISDIR(newer->st_mode);
    const struct timespec one = MTIME(older), other = MTIME(newer);
    if (!is_folder && (older->st_size != newer->st_size || one.tv_sec != other.tv_sec)) return false;
    if (!is_folder && one.tv_nsec != other.tv_nsec) return false;
    if (is_untouched(layer, newer)) return true;
    if (!layer_attributes_same(level->lower, level->upper, name)) return false;
    if (S_ISLNK(newer->st_mode)) return is_same_target(level, name);
    /* Files out of an archive have whole seconds, which two states of a file may share. */
    bool is_certain = !S_ISREG(newer->st_mode) || newer->st_size == 0 || other.tv_nsec != 0;
    return is_certain || is_same_content(level, name, failed);
}
