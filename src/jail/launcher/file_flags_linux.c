#include "file_flags.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool clear_flags(int folder, const char *name)
{
    int fd = openat(folder, name == NULL ? "." : name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    unsigned int flags = 0;
    bool cleared = ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
    flags &= ~(unsigned int)(FS_IMMUTABLE_FL | FS_APPEND_FL);
    cleared = cleared && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
    close(fd);
    return cleared;
}
