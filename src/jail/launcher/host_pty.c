#include "host_pty.h"

#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool open_slave(int master, int *slave)
{
    if (grantpt(master) != 0 || unlockpt(master) != 0) return false;
    const char *name = ptsname(master);
    if (name == NULL) return false;
    *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return *slave >= 0;
}

bool host_pty_open(int *master, int *slave)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0) return false;
    set_close_on_exec(*master);
    if (open_slave(*master, slave)) return true;
    int error = errno;
    close(*master);
    errno = error;
    return false;
}
