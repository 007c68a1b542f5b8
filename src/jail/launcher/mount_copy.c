#include "mount_copy.h"

#include "write_at.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_SIZE = 65536 };

bool copy_content(int from, int to)
{
    char block[COPY_SIZE];
    struct stat status;
    off_t at = 0;
    if (fstat(to, &status) != 0) return false;
    if (status.st_size == 0 && copy_clone_into(from, to)) return true;
    for (;;) {
        ssize_t got = pread(from, block, sizeof block, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) return ftruncate(to, at) == 0;
        if (!write_at(to, block, (size_t)got, at)) return false;
        at += got;
    }
}

bool copy_file(int from, int folder, const char *name)
{
    bool cloned = copy_clone(from, folder, name);
    int create = cloned ? 0 : O_CREAT | O_EXCL;
    int to = openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | create, 0600);
    bool copied = to >= 0 && (cloned || copy_content(from, to)) && copy_attributes(from, to);
    int error = errno;
    if (!copied && (cloned || to >= 0)) unlinkat(folder, name, 0);
    if (to >= 0) close(to);
    errno = error;
    return copied;
}
