/* Descriptors that came in from the shim. */
#ifndef RUND_DESCRIPTORS_H
#define RUND_DESCRIPTORS_H

#include "control.h"

/*
 * Closes every descriptor from `lowest` on: runtimes leak some to their children, and an open directory of the host
 * would lead out of the jail.
 */
void close_descriptors_from(int lowest);
/* Sets or clears O_NONBLOCK; a descriptor that cannot is left as it is. Returns whether it was set before. */
int set_nonblocking(int fd, int on);
void set_close_on_exec(int fd);
/*
 * Moves `count` descriptors from behind the control descriptor down to 3 and on, where the program gets them; the control
 * line and where failures are reported go out of their way.
 */
void keep_descriptors(int count, struct control *control);
/* Fails when one of 0, 1, 2 is a directory: with it the jailed process could leave. */
void refuse_directories(void);

#endif
