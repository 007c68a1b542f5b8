#include "input_fifo.h"

#include "descriptors.h"
#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void input_take(const char *path)
{
    struct stat status;
    int fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fifo < 0 || fstat(fifo, &status) != 0) fail(errno, "open %s", path);
    if (!S_ISFIFO(status.st_mode)) fail_text(EINVAL, "open %s: not a fifo", path);
    set_nonblocking(fifo, 0);
    if (fifo != STDIN_FILENO && dup2(fifo, STDIN_FILENO) < 0) fail(errno, "open %s", path);
    if (fifo != STDIN_FILENO) close(fifo);
}

/* macOS says the same of a fifo that nobody has written to yet. */
static bool has_ended(void)
{
#ifdef __APPLE__
    return false;
#else
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) == 1 && (input.revents & POLLHUP) != 0;
#endif
}

void input_keep(struct control *control)
{
    if (has_ended()) return;
    if (!control_send(control->fd, "input")) _exit(0);
    const char *message;
    if (control_read(control, &message) != CONTROL_MESSAGE) _exit(0);
    if (strcmp(message, "kept") != 0) fail_text(EINVAL, "launch request: unknown message at the gate");
}
