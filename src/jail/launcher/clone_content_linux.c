#include "clone_content.h"

#include "write_at.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Up to SMALL bytes a read and a write are quicker than having the kernel copy, which sets up a pipe. */
enum { BLOCK = 65536, SMALL = BLOCK, LARGEST_STEP = 1 << 30 };

static bool copy_by_hand(int from, int to, off_t at, off_t end)
{
    char block[BLOCK];
    while (at < end) {
        size_t wanted = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
        ssize_t got = pread(from, block, wanted, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        /* Shorter than it was said to be. */
        if (got == 0) return true;
        if (!write_at(to, block, (size_t)got, at)) return false;
        at += got;
    }
    return true;
}

static bool copy_range(int from, int to, off_t at, off_t end)
{
    if (end - at <= SMALL) return copy_by_hand(from, to, at, end);
    while (at < end) {
        off_t source = at, target = at;
        size_t step = end - at < LARGEST_STEP ? (size_t)(end - at) : LARGEST_STEP;
        ssize_t copied = copy_file_range(from, &source, to, &target, step, 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG)) return false;
        /* Not between these file systems, or not by this kernel. */
        if (copied <= 0) return copy_by_hand(from, to, at, end);
        at += copied;
    }
    return true;
}

/* What is no data stays a hole. */
static bool copy_sparse(int from, int to, off_t size)
{
    for (off_t at = 0; at < size;) {
        off_t data = lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;
        if (data < 0) return copy_range(from, to, at, size);
        off_t hole = lseek(from, data, SEEK_HOLE);
        if (hole < 0 || hole > size) hole = size;
        if (!copy_range(from, to, data, hole)) return false;
        at = hole;
    }
    return ftruncate(to, size) == 0;
}

/* Whether a failed sharing says something about the file systems and not about this one file. */
static bool is_final(int error)
{
    return error == EOPNOTSUPP || error == EXDEV || error == ENOTTY || error == ENOSYS;
}

bool clone_content(struct clone *clone, int from, int to, const struct stat *status)
{
    if (status->st_size == 0) return true;
    if (!atomic_load(&clone->cannot_share)) {
        if (ioctl(to, FICLONE, from) == 0) {
            atomic_fetch_add(&clone->shared_files, 1);
            return true;
        }
        if (is_final(errno)) atomic_store(&clone->cannot_share, true);
        else if (errno != EINVAL) return false;
    }
    atomic_fetch_add(&clone->copied_files, 1);
    bool is_sparse = status->st_blocks * 512 < status->st_size;
    return is_sparse ? copy_sparse(from, to, status->st_size) : copy_range(from, to, 0, status->st_size);
}
