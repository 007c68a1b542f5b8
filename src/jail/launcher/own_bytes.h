/* How much of a file is on the disk for it alone. */
#ifndef RUND_OWN_BYTES_H
#define RUND_OWN_BYTES_H

#include <stdbool.h>

/* Whether files on the file system of `path` may share content at all. */
bool may_share_bytes(const char *path);
/* Bytes of a regular file that it shares with no other; `allocated`, all that it has, when that cannot be told. */
unsigned long long own_bytes(int folder, const char *name, unsigned long long allocated);

#endif
