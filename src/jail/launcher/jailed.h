#ifndef RUND_JAILED_H
#define RUND_JAILED_H

#include "control.h"
#include "request.h"

/*
 * Turns the calling process into the jailed one: enters the jail, becomes the user, reports `ready PID`, waits at the
 * gate for `start`, and execs. Standard input, output and error are the program's already.
 */
__attribute__((noreturn)) void jailed_run(const struct request *request, struct control *control);

#endif
