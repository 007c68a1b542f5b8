#ifndef RUND_FREEZE_JAIL_H
#define RUND_FREEZE_JAIL_H

#include "jail.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pid_set {
    pid_t *pids;
    size_t count;
};

/* False when there is no memory. */
bool pid_set_add(struct pid_set *set, pid_t pid);
bool pid_set_has(const struct pid_set *set, pid_t pid);

/*
 * Stops every process of the jail until a look finds none running, also what is forked meanwhile. `bystanders` gets those
 * that were stopped without us, which a thaw must leave so. When after `timeout` milliseconds some still run, all go on
 * again and the result is false.
 */
bool freeze_jail(const struct jail *jail, long timeout, struct pid_set *bystanders);
/* Lets every process of the jail go on but those in `except`; false with errno when they cannot be listed. */
bool thaw_jail(const struct jail *jail, const struct pid_set *except);

#endif
