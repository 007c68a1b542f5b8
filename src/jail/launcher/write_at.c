#include "write_at.h"

#include <errno.h>
#include <unistd.h>

bool write_at(int fd, const char *data, size_t size, off_t at)
{
    while (size > 0) {
        ssize_t written = pwrite(fd, data, size, at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        data += written;
        size -= (size_t)written;
        at += written;
    }
    return true;
}
