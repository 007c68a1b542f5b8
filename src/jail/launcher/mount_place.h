/*
 * Single files put into a jail as copies, because bindfs shows folders only; a socket as a hard link, because a copy
 * would lead nowhere.
 *
 *   place BASE PATH SOURCE ASIDE HAD BEFORE    about to put SOURCE at PATH; HAD is 1 when a file of the image is there,
 *                                              which is kept as ASIDE; BEFORE is the folder's time of change
 *   placed WRITE SIZE TIME INODE DEV INO AFTER it is there with that size, time and inode; WRITE is 1 when changes go
 *                                              back to SOURCE, whose device and inode follow; AFTER is the folder's
 *                                              time of change then
 */
#ifndef RUND_MOUNT_PLACE_H
#define RUND_MOUNT_PLACE_H

#include "mount_path.h"
#include "mount_record.h"

#include <stdbool.h>

/* Puts the regular file or socket `source` at `destination`. Gives up on failure. */
void place_file(const struct base *base, const char *destination, const char *source, const char *aside, bool write);
/* Brings changes back to the source. Only a plain file counts: what a jail put there instead is never followed. */
void place_write_back(const struct record *place, const struct record *placed);
/* Removes the file and puts the image's own back. `placed` is NULL when that step was never reached. */
bool place_take_back(const struct record *place, const struct record *placed);

#endif
