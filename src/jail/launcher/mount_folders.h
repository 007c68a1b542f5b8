#ifndef RUND_MOUNT_FOLDERS_H
#define RUND_MOUNT_FOLDERS_H

/* Makes a folder of the host's own with those above it, for root only. What is there stays. Gives up on failure. */
void folders_make(const char *folder);
/* The same for the folder that `file` is in. */
void folders_make_above(const char *file);

#endif
