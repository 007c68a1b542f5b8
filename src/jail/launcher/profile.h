/* A shell script of the image's that is read before its program: it sets PATH and the like, as a login shell would. */
#ifndef RUND_PROFILE_H
#define RUND_PROFILE_H

#include "request.h"

#include <stdbool.h>

/* Whether there is one that the calling process, which is the jail's user by then, may read. */
bool profile_is_there(const struct request *request);
/*
 * The arguments of the shell that reads the profile and becomes `program`, which may be a name that only the profile's PATH
 * leads to; the first one is the shell's own path. What the profile sets wins over the request's environment.
 */
char **profile_arguments(const struct request *request, const char *program);

#endif
