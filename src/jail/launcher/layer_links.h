/* The names of files that have several, for the one layer that is being written. */
#ifndef RUND_LAYER_LINKS_H
#define RUND_LAYER_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct layer_link {
    ino_t inode;
    /* Path that is in the layer; NULL as long as none is. */
    char *written;
    /* Paths of the same file that have not changed and go into the layer only with another. */
    char **unchanged;
    size_t unchanged_count;
    bool is_used;
};

struct layer_links {
    struct layer_link *places;
    size_t used;
    size_t size;
};

/* What is known of an inode, which is new at first; NULL with errno ENOMEM. It moves with the next call. */
struct layer_link *layer_link_of(struct layer_links *links, ino_t inode);
bool layer_link_add_unchanged(struct layer_link *link, const char *path);
void layer_links_free(struct layer_links *links);

#endif
