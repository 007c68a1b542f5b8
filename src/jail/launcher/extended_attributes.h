/* Extended attributes on Linux, which ACLs and file capabilities are too. */
#ifndef RUND_EXTENDED_ATTRIBUTES_H
#define RUND_EXTENDED_ATTRIBUTES_H

#include <stdbool.h>

/*
 * Copies those of one file to another; what the target's file system or security module does not take is left out. False
 * with errno.
 */
bool extended_copy(int from, int to);
/* The same for descriptors that only name a file (O_PATH), also a link. */
bool extended_copy_unopened(int from, int to);

#endif
