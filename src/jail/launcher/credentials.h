#ifndef RUND_CREDENTIALS_H
#define RUND_CREDENTIALS_H

#include "request.h"

/*
 * Becomes the user of the request: exactly its groups, none of root's, then gid, then uid, and makes sure of it.
 * Fails when a step does, or when the way back to root were still open.
 */
void credentials_apply(const struct request *request);

#endif
