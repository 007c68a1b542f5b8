/*
 * Subvolumes of btrfs: folders that are copied and removed with all that is below in one step each, however much that is.
 * Functions answer false with errno; on other file systems there is no such thing.
 */
#ifndef RUND_SUBVOLUME_H
#define RUND_SUBVOLUME_H

#include <stdbool.h>

bool subvolume_create(const char *path);
/* Makes a copy of the one that is open. It has none of the subvolumes that are in it, and is as it is on the disk. */
bool subvolume_copy(int from, const char *path);
/* Removes one that has no others in it. */
bool subvolume_remove(const char *path);
/* Removed ones are taken off the disk after the next commit, which may be half a minute away: this asks for it. */
bool subvolumes_sync(const char *path);

#endif
