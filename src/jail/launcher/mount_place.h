/*
 * Single files put into a jail as copies, because bindfs shows folders only.
 *
 *   place BASE PATH SOURCE ASIDE HAD BEFORE    about to put SOURCE at PATH; HAD is 1 when a file of the image is there,
 *                                              which is kept as ASIDE; BEFORE is the folder's time of change
 *   placed WRITE SIZE MTIME DEV INO AFTER      it is there; WRITE is 1 when changes go back to SOURCE, whose device and
 *                                              inode follow; AFTER is the folder's time of change then
 */
#ifndef RUND_MOUNT_PLACE_H
#define RUND_MOUNT_PLACE_H

#include "mount_path.h"
#include "mount_record.h"

#include <stdbool.h>

/* Puts the regular file or socket `source` at `destination`. Gives up on failure. */
void place_file(const struct base *base, const char *destination, const char *source, const char *aside, bool write);
/* Takes it back; `placed` is NULL when that step was never reached. */
bool place_take_back(const struct record *place, const struct record *placed);

#endif
