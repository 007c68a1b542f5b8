#include "relay_control.h"

#include "host_terminal.h"
#include "number.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A child that waits at the gate sees the end of the line and ends; one that was told to start reads that first and
 * goes on. Without the shim the relay serves the process to its end.
 */
static void control_ended(struct relay *relay)
{
    relay->control_open = false;
    if (relay->line >= 0) shutdown(relay->line, SHUT_WR);
}

static void resize(const struct relay *relay, const char *sizes)
{
    uint64_t width, height;
    if (!take_number(&sizes, USHRT_MAX, &width) || !parse_number(sizes, USHRT_MAX, &height)) return;
    struct winsize size = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};
    ioctl(relay->master, TIOCSWINSZ, &size);
}

static void take_message(struct relay *relay, const char *message)
{
    if (strcmp(message, "resize") == 0) host_terminal_size(relay->master);
    else if (strncmp(message, "resize ", 7) == 0) resize(relay, message + 7);
    else if (strcmp(message, "bye") == 0) relay->shim_knows = true;
    else if (relay->line >= 0) control_send(relay->line, "%s", message);
}

void relay_take_messages(struct relay *relay)
{
    for (;;) {
        const char *message;
        enum control_status status = control_next(relay->control, &message);
        if (status == CONTROL_FAILED) control_ended(relay);
        if (status != CONTROL_MESSAGE) return;
        take_message(relay, message);
    }
}

void relay_read_control(struct relay *relay)
{
    enum control_status status = control_fill(relay->control);
    bool later = status == CONTROL_FAILED && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (status == CONTROL_MORE) relay_take_messages(relay);
    else if (!later) control_ended(relay);
}

void relay_read_line(struct relay *relay)
{
    char words[4096];
    ssize_t count = read(relay->line, words, sizeof words);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count > 0) {
        write_all(relay->control->fd, words, (size_t)count);
        return;
    }
    close(relay->line);
    relay->line = -1;
    control_send(relay->control->fd, "closed");
}

void relay_tell_end(struct relay *relay)
{
    if (relay->control_open && !control_send(relay->control->fd, "exited")) relay->control_open = false;
}
