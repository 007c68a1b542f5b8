/* The content of regular files, on Linux. */
#ifndef RUND_CLONE_CONTENT_H
#define RUND_CLONE_CONTENT_H

#include "clone.h"

/* Makes the content of an empty file that of another, sharing it where that is possible. False with errno. */
bool clone_content(struct clone *clone, int from, int to, const struct stat *status);

#endif
