/*
 * The line between the shim and the launcher: a stream socket that carries NUL-terminated texts both ways.
 * The request and everything after it come here and not by arguments or environment, because secrets would
 * show in ps, and because what is meant for the jailed process (LD_PRELOAD, ...) must never act on the launcher.
 */
#ifndef RUND_CONTROL_H
#define RUND_CONTROL_H

#include "bytes.h"

#include <stdbool.h>
#include <stddef.h>

/* The descriptor that the shim passes. */
enum { CONTROL_DESCRIPTOR = 3 };
/* More than any kernel takes as arguments and environment together with room for the rest. */
enum { REQUEST_LIMIT = 8 * 1024 * 1024 };

struct control {
    int fd;
    struct bytes input;
    /* Bytes of the input in which no NUL was found yet, so that long requests are scanned once only. */
    size_t scanned;
};

enum control_status { CONTROL_MESSAGE, CONTROL_MORE, CONTROL_END, CONTROL_FAILED };

/* Reads once; CONTROL_MORE when bytes came, CONTROL_END at the end, CONTROL_FAILED with errno (EAGAIN included). */
enum control_status control_fill(struct control *control);
/*
 * The next whole message that was read already, without its NUL, or CONTROL_MORE. It stays valid until the next
 * control_fill. A message that is longer than REQUEST_LIMIT is CONTROL_FAILED with EMSGSIZE.
 */
enum control_status control_next(struct control *control, const char **message);
/* Waits for the next message. */
enum control_status control_read(struct control *control, const char **message);

/* Sends one formatted message with its NUL; false with errno when the other side is gone. */
__attribute__((format(printf, 2, 3))) bool control_send(int fd, const char *format, ...);
/* Writes all of it, waiting where needed; false with errno. */
bool write_all(int fd, const char *data, size_t size);

#endif
