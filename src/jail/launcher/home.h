/* HOME, which clients leave to the runtime: docker sends none, and shells, ssh and git rely on it. */
#ifndef RUND_HOME_H
#define RUND_HOME_H

#include <sys/types.h>

/*
 * The home folder of a user in the jail's /etc/passwd, or "/", as runc has it; for free(), NULL without memory. Called in the
 * jail, where no link of the image leads out.
 */
char *home_of(uid_t uid);

#endif
