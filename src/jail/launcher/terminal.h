#ifndef RUND_TERMINAL_H
#define RUND_TERMINAL_H

#include "control.h"
#include "request.h"

/*
 * Runs the request's process with a new terminal as a child, and stays as its relay: standard input goes to the terminal,
 * what the terminal says to standard output. Returns the process's exit code, or 128 plus the signal that ended it,
 * after all output has been handed on.
 */
int terminal_run(const struct request *request, struct control *control);

/* Sets a new terminal's size and owner; fails (failure.h) when it cannot. */
void terminal_prepare(const struct request *request, int slave);
/* Makes a terminal the controlling one of the session that the process leads, and its standard input, output and error. */
void terminal_control(int slave);

#endif
