#ifndef RUND_HOST_PTY_H
#define RUND_HOST_PTY_H

#include <stdbool.h>

/* Opens a pty of the host, both ends close-on-exec; false with errno. */
bool host_pty_open(int *master, int *slave);

#endif
