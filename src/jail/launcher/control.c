#include "control.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

enum control_status control_fill(struct control *control)
{
    char *room = bytes_reserve(&control->input, CHUNK);
    if (room == NULL) return CONTROL_FAILED;
    ssize_t count;
    do {
        count = read(control->fd, room, CHUNK);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return CONTROL_FAILED;
    if (count == 0) return CONTROL_END;
    bytes_append(&control->input, (size_t)count);
    return CONTROL_MORE;
}

enum control_status control_next(struct control *control, const char **message)
{
    size_t length = bytes_length(&control->input);
    if (length == control->scanned) return CONTROL_MORE;
    char *front = bytes_front(&control->input);
    char *end = memchr(front + control->scanned, '\0', length - control->scanned);
    if (end == NULL) {
        control->scanned = length;
        if (length <= REQUEST_LIMIT) return CONTROL_MORE;
        errno = EMSGSIZE;
        return CONTROL_FAILED;
    }
    *message = front;
    control->scanned = 0;
    bytes_take(&control->input, (size_t)(end - front) + 1);
    return CONTROL_MESSAGE;
}

enum control_status control_read(struct control *control, const char **message)
{
    for (;;) {
        enum control_status status = control_next(control, message);
        if (status != CONTROL_MORE) return status;
        status = control_fill(control);
        if (status != CONTROL_MORE) return status;
    }
}

bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, data, size);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            if (poll(&ready, 1, -1) < 0 && errno != EINTR) return false;
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        data += count;
        size -= (size_t)count;
    }
    return true;
}

bool control_send(int fd, const char *format, ...)
{
    /* On the stack and cut when too long: a process at its memory limit must still be able to say what is wrong. */
    char message[4 * PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (length < 0) return false;
    size_t size = (size_t)length < sizeof message ? (size_t)length : sizeof message - 1;
    return write_all(fd, message, size + 1);
}
