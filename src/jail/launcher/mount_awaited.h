/* A mount that another program makes, from its mount point to the moment in which it is seen there. */
#ifndef RUND_MOUNT_AWAITED_H
#define RUND_MOUNT_AWAITED_H

#include "mount_identity.h"
#include "mount_path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AWAITED_PATH_SIZE = 2 * PATH_MAX };

struct awaited {
    const struct base *base;
    /* What errors call it. */
    const char *destination;
    struct place place;
    struct mount_id before;
    struct mount_id id;
    /* As of clock_milliseconds. */
    int64_t deadline;
};

/* Finds or makes the mount point, holds its folder open, and journals what is about to be. Gives up on failure. */
void awaited_begin(struct awaited *awaited, const struct base *base, const char *path, const char *destination);
/* The mount point's path on the host, for a program that takes one. */
const char *awaited_path(const struct awaited *awaited, char path[AWAITED_PATH_SIZE]);
/* Whether the mount is seen through the folder that is held open; waits some milliseconds, and gives up after ten seconds. */
bool awaited_is_there(struct awaited *awaited);
/* Journals that it is there; returns the step's number. The place stays open. */
size_t awaited_done(struct awaited *awaited);

#endif
