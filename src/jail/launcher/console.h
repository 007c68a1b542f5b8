/* A terminal whose master goes to somebody else, who relays. */
#ifndef RUND_CONSOLE_H
#define RUND_CONSOLE_H

#include "request.h"

/*
 * Opens a pty, sends its master to the request's console socket, and makes the slave the calling process's controlling
 * terminal and its standard input, output and error. The process must lead a session. Fails (failure.h) when it cannot.
 */
void console_take(const struct request *request);

#endif
