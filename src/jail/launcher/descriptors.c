#include "descriptors.h"

#include "failure.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void close_descriptors_from(int lowest)
{
    if (platform_close_from(lowest)) return;
    long limit = sysconf(_SC_OPEN_MAX);
    for (int fd = lowest; fd < limit; fd++) close(fd);
}

int set_nonblocking(int fd, int on)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return 0;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    if (wanted != flags) fcntl(fd, F_SETFL, wanted);
    return (flags & O_NONBLOCK) != 0;
}

void set_close_on_exec(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

void keep_descriptors(int count, struct control *control)
{
    if (count == 0) return;
    int line = fcntl(control->fd, F_DUPFD_CLOEXEC, CONTROL_DESCRIPTOR + count + 1);
    if (line < 0) fail(errno, "preserved descriptors");
    close(control->fd);
    control->fd = line;
    failure_reports_to(line);
    for (int i = 0; i < count; i++) {
        int fd = CONTROL_DESCRIPTOR + 1 + i;
        if (dup2(fd, CONTROL_DESCRIPTOR + i) < 0) fail(errno, "preserved descriptor %d", CONTROL_DESCRIPTOR + i);
        close(fd);
    }
}

void refuse_directories(void)
{
    static const char *const names[] = {"stdin", "stdout", "stderr"};
    for (int fd = 0; fd <= 2; fd++) {
        struct stat status;
        if (fstat(fd, &status) != 0) fail(errno, "%s", names[fd]);
        if (S_ISDIR(status.st_mode)) fail(EISDIR, "%s", names[fd]);
    }
}
