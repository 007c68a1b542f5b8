#ifndef RUND_KILL_JAIL_H
#define RUND_KILL_JAIL_H

#include "jail.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Signals every process of the jail but `except` (0: none) once and counts them; false with errno when the processes
 * cannot be listed.
 */
bool kill_jail(const struct jail *jail, int signal, pid_t except, size_t *count);
/*
 * Sends SIGKILL until the jail is empty, also to what is forked meanwhile; false when after `timeout` milliseconds some are
 * left.
 */
bool kill_until_gone(const struct jail *jail, pid_t except, long timeout);

#endif
