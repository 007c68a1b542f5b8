/* The capabilities of a process on Linux. Both fail (failure.h). */
#ifndef RUND_CAPABILITIES_H
#define RUND_CAPABILITIES_H

#include "settings.h"

/*
 * As root: drops from the bounding set what is not wanted, and has the process keep its permitted set when it becomes
 * another user.
 */
void capabilities_bound(const uint64_t sets[CAPABILITY_SETS]);
/* As the user: leaves just these sets. What the host does not have itself, it cannot give: that is left out. */
void capabilities_set(const uint64_t sets[CAPABILITY_SETS]);

#endif
