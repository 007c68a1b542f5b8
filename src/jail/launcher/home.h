/* HOME, which clients leave to the runtime: docker sends none, and shells, ssh and git rely on it. */
#ifndef RUND_HOME_H
#define RUND_HOME_H

#include "request.h"

/*
 * The request's environment with a HOME: its own, or else that of the user in the jail's /etc/passwd, or else "/", as
 * runc has it. Called in the jail, where no link of the image leads out.
 */
char **environment_with_home(const struct request *request);

#endif
