/* The environment of a program in a jail: what its request says, and what only the launcher knows. */
#ifndef RUND_ENVIRONMENT_H
#define RUND_ENVIRONMENT_H

#include "request.h"

/*
 * With a HOME, and with the variables by which a program finds sockets that it is given (sd_listen_fds(3)). Called in the
 * jail, by the process that becomes the program.
 */
char **environment_of(const struct request *request);

#endif
