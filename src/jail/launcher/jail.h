/*
 * Which processes are a jail's: those whose root directory is the jail's root or lies below it, or, where nothing is
 * chrooted into, those of a user that was made for the jail and that nobody else is.
 */
#ifndef RUND_JAIL_H
#define RUND_JAIL_H

#include "jail_root.h"

#include <stdbool.h>
#include <sys/types.h>

struct jail {
    bool by_user;
    uid_t user;
    struct jail_root root;
};

/* Whether just one of `--root` and `--uid` has a value; the other is NULL. */
bool jail_is_named(const char *root, const char *uid);
/*
 * Takes these values. Prints why and returns false for a root that is none, and for root's uid: its processes are the
 * host's own.
 */
bool jail_open(struct jail *jail, const char *root, const char *uid);
/* Whether a process is the jail's; false also for one that has ended. */
bool process_in_jail(const struct jail *jail, pid_t pid);

#endif
