/*
 * Copies of trees that share their content with the original where the file system can. Owners, modes, hard links,
 * extended attributes with ACLs, flags, times and holes are kept. Functions answer false with errno.
 */
#ifndef RUND_CLONE_H
#define RUND_CLONE_H

#include "clone_links.h"
#include "tree_walk.h"

struct clone {
    /* The top of the copy. */
    int top;
    struct clone_links links;
    /* The file system cannot share content, or not with the one of the copy. */
    atomic_bool cannot_share;
    atomic_ullong shared_files;
    atomic_ullong copied_files;
};

/* A new copy of one entry that is no folder, in the folder's copy. */
bool clone_entry(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status);

/* The platform's part. */

/* A new copy of a regular file with all its attributes. */
bool clone_file(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status);
/* A new device or fifo. */
bool clone_node(const struct folder *folder, const char *name, const struct stat *status);
/* Everything but content: of a folder, whose entries must all be there, since they change its time. */
bool clone_attributes(int from, int to, const struct stat *status);
/* The same of what cannot be opened: links, devices, fifos. */
bool clone_entry_attributes(const struct folder *folder, const char *name, const struct stat *status);

#endif
