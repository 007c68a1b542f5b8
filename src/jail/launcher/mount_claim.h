/*
 * Claims on folders that are a jail's root without a mount of their own. Two live jails there would mount over each
 * other and be killed together. A claim is a file named after the folder's device and inode that holds the bundle's
 * path; it is void once that bundle has no journal any more.
 */
#ifndef RUND_MOUNT_CLAIM_H
#define RUND_MOUNT_CLAIM_H

#include "mount_record.h"

/* Carries out `claim FOLDER PATH BUNDLE JOURNAL`; gives up when a live bundle holds PATH. */
void claim(const struct record *record);
/* Takes back a `claim FILE JOURNAL` step. */
void claim_release(const struct record *step);

#endif
