/* What stays outside of the jail for a process with a terminal: it copies between the pty and the client's streams. */
#ifndef RUND_RELAY_H
#define RUND_RELAY_H

#include "bytes.h"
#include "control.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct relay {
    struct control *control;
    /* To the child while it is on its way into the jail; -1 after its exec. */
    int line;
    int master;
    /*
     * Our own hold on the slave until the child has ended: without it, a child that closes all of its own for a moment
     * would look like the end of the output.
     */
    int slave;
    pid_t child;
    /* Wakes the loop when a child has ended. */
    int wake;
    bool control_open, input_open, output_open;
    struct bytes input, output;
    bool child_ended;
    bool shim_knows;
    /* Bytes that came from the terminal since the child's end. */
    size_t late;
    int64_t last_read, last_progress;
};

/* Before the fork, or the end of a quick child would be missed. */
void relay_watch_children(struct relay *relay);
/* Copies until the child has ended and its output is handed on; returns its exit code, or 128 plus its signal. */
int relay_run(struct relay *relay);

#endif
