#include "clone.h"

#include <copyfile.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/clonefile.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a user sets for good. SF_RESTRICTED is the system's, and compression is part of the content. */
enum {
    LASTING_FLAGS = UF_NODUMP | UF_IMMUTABLE | UF_APPEND | UF_OPAQUE | UF_HIDDEN | SF_ARCHIVED | SF_IMMUTABLE | SF_APPEND
};

static bool is_owner_kept(int result)
{
    return result == 0 || (errno == EPERM && geteuid() != 0);
}

static void copy_flags(int to, const struct stat *status)
{
    struct stat made;
    unsigned lasting = status->st_flags & LASTING_FLAGS;
    /* An immutable file takes no more names: one with several would lose them. */
    if (lasting == 0 || (!S_ISDIR(status->st_mode) && status->st_nlink > 1)) return;
    if (fstat(to, &made) == 0) fchflags(to, (made.st_flags & ~(unsigned)LASTING_FLAGS) | lasting);
}

/* Set-id bits are lost when the owner changes, and by cloning too; flags may forbid all the rest. */
static bool set_attributes(int to, const struct stat *status)
{
    const struct timespec times[2] = {status->st_atimespec, status->st_mtimespec};
    if (!is_owner_kept(fchown(to, status->st_uid, status->st_gid))) return false;
    if (fchmod(to, status->st_mode & 07777) != 0 || futimens(to, times) != 0) return false;
    copy_flags(to, status);
    return true;
}

bool clone_attributes(int from, int to, const struct stat *status)
{
    fcopyfile(from, to, NULL, COPYFILE_XATTR | COPYFILE_ACL);
    return set_attributes(to, status);
}

bool clone_entry_attributes(const struct folder *folder, const char *name, const struct stat *status)
{
    const struct timespec times[2] = {status->st_atimespec, status->st_mtimespec};
    int nofollow = AT_SYMLINK_NOFOLLOW;
    if (!is_owner_kept(fchownat(folder->copy, name, status->st_uid, status->st_gid, nofollow))) return false;
    if (fchmodat(folder->copy, name, status->st_mode & 07777, nofollow) != 0) return false;
    return utimensat(folder->copy, name, times, nofollow) == 0;
}

bool clone_node(const struct folder *folder, const char *name, const struct stat *status)
{
    if (__builtin_available(macOS 13.0, *)) {
        if (S_ISFIFO(status->st_mode)) return mkfifoat(folder->copy, name, 0600) == 0;
        return mknodat(folder->copy, name, (status->st_mode & S_IFMT) | 0600, status->st_rdev) == 0;
    }
    errno = ENOTSUP;
    return false;
}

static int share(struct clone *clone, int from, const struct folder *folder, const char *name)
{
    if (atomic_load(&clone->cannot_share)) return -1;
    if (fclonefileat(from, folder->copy, name, 0) != 0) {
        if (errno == ENOTSUP || errno == EXDEV) atomic_store(&clone->cannot_share, true);
        return -1;
    }
    atomic_fetch_add(&clone->shared_files, 1);
    /* Attributes can be set through a descriptor that only reads, and a file without write permission has no other. */
    return openat(folder->copy, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

static int copy(struct clone *clone, int from, const struct folder *folder, const char *name)
{
    int to = openat(folder->copy, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0) return -1;
    atomic_fetch_add(&clone->copied_files, 1);
    if (fcopyfile(from, to, NULL, COPYFILE_DATA_SPARSE | COPYFILE_XATTR) == 0) return to;
    int error = errno;
    close(to);
    errno = error;
    return -1;
}

bool clone_file(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status)
{
    int from = openat(folder_fd(folder), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0) return false;
    int to = share(clone, from, folder, name);
    if (to < 0 && atomic_load(&clone->cannot_share)) to = copy(clone, from, folder, name);
    if (to >= 0) fcopyfile(from, to, NULL, COPYFILE_ACL);
    bool made = to >= 0 && set_attributes(to, status);
    int error = errno;
    if (to >= 0 && close(to) != 0 && made) {
        made = false;
        error = errno;
    }
    close(from);
    errno = error;
    return made;
}
