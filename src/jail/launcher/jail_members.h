/* The processes of a jail in the order of their descent. */
#ifndef RUND_JAIL_MEMBERS_H
#define RUND_JAIL_MEMBERS_H

#include "jail.h"
#include "process_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct jail_member {
    pid_t pid;
    struct process_activity activity;
    /* How many of its ancestors are in the jail, one after the other. */
    size_t depth;
};

struct jail_members {
    struct jail_member *list;
    size_t count;
};

/* Parents stand before their children; for free(members->list). False with errno. */
bool jail_members_look(const struct jail *jail, struct jail_members *members);

#endif
