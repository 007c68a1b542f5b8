/* macOS's own sandbox, by a profile that the request gives: what a program may do besides what its jail and user let it. */
#ifndef RUND_SEATBELT_H
#define RUND_SEATBELT_H

#include "request.h"

/*
 * Gets the profile ready while the host's files can be seen: those that it imports, and its own when the request names
 * it by path. The parameter ROOT in it is the jail's root, or home. Fails (failure.h) when it cannot be had.
 */
void seatbelt_prepare(const struct request *request);
/*
 * Confines this process to what was prepared, if anything was, for good. As late as can be: then a profile need not allow
 * what only the way into the jail takes, like chroot or a wait for the start.
 */
void seatbelt_apply(void);

#endif
