#include "gate.h"

#include "descriptors.h"
#include "failure.h"
#include "socket_address.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* As many as may look at the container's state while somebody starts it. */
enum { BACKLOG = 16 };
/* A caller that says nothing for so many seconds must not keep others from starting the process. */
enum { SILENCE = 10 };

int gate_open(const char *path)
{
    struct sockaddr_un address;
    int gate = socket(AF_UNIX, SOCK_STREAM, 0);
    if (gate < 0 || !socket_address_from_folder(path, &address)) fail(errno, "gate %s", path);
    set_close_on_exec(gate);
    mode_t mask = umask(0177);
    if (bind(gate, (const struct sockaddr *)&address, sizeof address) != 0) fail(errno, "gate %s", path);
    umask(mask);
    if (listen(gate, BACKLOG) != 0) fail(errno, "gate %s", path);
    return gate;
}

static int next_caller(int gate)
{
    for (;;) {
        int caller = accept(gate, NULL, NULL);
        if (caller >= 0) return caller;
        /* Nobody could ever start it, and it would wait for ever. */
        if (errno != EINTR && errno != ECONNABORTED) _exit(126);
    }
}

/* Turns the line to a new caller. */
static void control_turn(struct control *control, int caller)
{
    struct timeval silence = {.tv_sec = SILENCE};
    setsockopt(caller, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    set_close_on_exec(caller);
    control->fd = caller;
    bytes_take(&control->input, bytes_length(&control->input));
    control->scanned = 0;
    failure_reports_to(caller);
}

void gate_wait(int gate, struct control *control)
{
    for (;;) {
        const char *message;
        /* At once, and not when the next one comes: who has said something else must not wait for an answer. */
        close(control->fd);
        control_turn(control, next_caller(gate));
        if (control_read(control, &message) == CONTROL_MESSAGE && strcmp(message, "start") == 0) return;
    }
}
