#include "clone.h"

#include "clone_content.h"
#include "entry_attributes.h"
#include "extended_attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The flags of a file that a user sets for good; the others say how the file system keeps it. */
enum { LASTING_FLAGS = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL };

/* Only root can give files away; what anybody else copies is theirs. */
static bool is_owner_kept(int result)
{
    return result == 0 || (errno == EPERM && geteuid() != 0);
}

/* What was just made by us has our ids already. They are asked for each file: without a system call. */
static bool is_ours(const struct stat *status)
{
    return status->st_uid == getauxval(AT_EUID) && status->st_gid == getauxval(AT_EGID);
}

static void copy_flags(int from, int to, const struct stat *status)
{
    unsigned int flags = 0;
    /* An immutable file takes no more names: one with several would lose them. */
    if (!S_ISDIR(status->st_mode) && status->st_nlink > 1) return;
    if (ioctl(from, FS_IOC_GETFLAGS, &flags) != 0 || (flags & LASTING_FLAGS) == 0) return;
    unsigned int lasting = flags & LASTING_FLAGS;
    if (ioctl(to, FS_IOC_GETFLAGS, &flags) != 0) return;
    flags |= lasting;
    ioctl(to, FS_IOC_SETFLAGS, &flags);
}

static bool set_owner_and_mode(int to, const struct stat *status)
{
    if (!is_ours(status) && !is_owner_kept(fchown(to, status->st_uid, status->st_gid))) return false;
    return fchmod(to, status->st_mode & 07777) == 0;
}

/* What follows owner and mode: a change of owner takes capabilities away, and a flag may forbid all the rest. */
static bool copy_the_rest(int from, int to, const struct stat *status)
{
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    if (!extended_copy(from, to) || futimens(to, times) != 0) return false;
    copy_flags(from, to, status);
    return true;
}

bool clone_attributes(int from, int to, const struct stat *status)
{
    return set_owner_and_mode(to, status) && copy_the_rest(from, to, status);
}

static bool entry_extended_copy(const struct folder *folder, const char *name)
{
    /* Few have any, and this is asked of every link. */
    if (entry_attribute_names(folder_fd(folder), name, NULL, 0) == 0) return true;
    int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    int from = openat(folder_fd(folder), name, flags);
    int to = openat(folder->copy, name, flags);
    bool copied = from >= 0 && to >= 0 && extended_copy_unopened(from, to);
    int error = errno;
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    errno = error;
    return copied;
}

bool clone_entry_attributes(const struct folder *folder, const char *name, const struct stat *status)
{
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    int nofollow = AT_SYMLINK_NOFOLLOW;
    if (!is_ours(status) && !is_owner_kept(fchownat(folder->copy, name, status->st_uid, status->st_gid, nofollow)))
        return false;
    /* Just made by us in a folder that nobody else reaches: it is what it was, and no link. */
    if (!S_ISLNK(status->st_mode) && fchmodat(folder->copy, name, status->st_mode & 07777, 0) != 0) return false;
    return entry_extended_copy(folder, name) && utimensat(folder->copy, name, times, nofollow) == 0;
}

bool clone_node(const struct folder *folder, const char *name, const struct stat *status)
{
    return mknodat(folder->copy, name, (status->st_mode & S_IFMT) | 0600, status->st_rdev) == 0;
}

/* Without a change of the original's time of access, where we may say so. */
static int open_original(const struct folder *folder, const char *name)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(folder_fd(folder), name, flags | O_NOATIME);
    return fd < 0 && errno == EPERM ? openat(folder_fd(folder), name, flags) : fd;
}

bool clone_file(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status)
{
    int from = open_original(folder, name);
    if (from < 0) return false;
    mode_t mode = status->st_mode & 0777;
    int to = openat(folder->copy, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    bool is_settled = is_ours(status) && mode == (status->st_mode & 07777);
    bool made = to >= 0 && clone_content(clone, from, to, status) && (is_settled || set_owner_and_mode(to, status)) &&
                copy_the_rest(from, to, status);
    int error = errno;
    /* Some file systems report a full disk only here. */
    if (to >= 0 && close(to) != 0 && made) {
        made = false;
        error = errno;
    }
    close(from);
    errno = error;
    return made;
}
