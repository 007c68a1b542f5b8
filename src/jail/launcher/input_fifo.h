/* Standard input that is opened as late as the process is made, and kept open as late as it is started. */
#ifndef RUND_INPUT_FIFO_H
#define RUND_INPUT_FIFO_H

#include "control.h"

/*
 * Opens the fifo at `path`, of the host, as descriptor 0. Does not wait for a writer. Fails (failure.h) when it is
 * anything else.
 */
void input_take(const char *path);
/*
 * Has the shim keep the fifo open, as `input` asks it to, so that the program's input does not end before a client has come,
 * or when one is lost. Not so when a client has come and gone by now: clients that have little to send are done before they
 * could say so by CloseIO. A shim that starts the process at once keeps it open before it is asked: `kept` then stands
 * right behind `start`.
 */
void input_keep(struct control *control);

#endif
