/* Resource limits by their names in the OCI specification. */
#ifndef RUND_LIMITS_H
#define RUND_LIMITS_H

#include "request.h"

/* The system's number for `RLIMIT_...` (`length` bytes of `type`), or -1 when this system does not have it. */
int limit_resource(const char *type, size_t length);
/* Sets soft and hard limits exactly; fails when a hard limit may not be raised. */
void limits_apply(const struct request *request);

#endif
