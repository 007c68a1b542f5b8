#include "file_flags.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool clear_flags(int folder, const char *name)
{
    /* O_SYMLINK opens a link itself. */
    int fd = openat(folder, name == NULL ? "." : name, O_RDONLY | O_SYMLINK | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    bool cleared = fchflags(fd, 0) == 0;
    close(fd);
    return cleared;
}
