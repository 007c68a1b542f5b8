/* The terminal of a person who runs a container in the foreground: what the streams of the caller are. */
#ifndef RUND_HOST_TERMINAL_H
#define RUND_HOST_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct host_terminal {
    bool taken;
    struct termios before;
};

/* Makes standard input raw, where it is a terminal, so that every key reaches the program; it decides what ^C means. */
void host_terminal_take(struct host_terminal *terminal);
void host_terminal_give_back(const struct host_terminal *terminal);
/* Gives a pty the size of the terminal among the caller's streams, where there is one. */
void host_terminal_size(int master);

#endif
