/*
 * A walk over a tree by several threads. Folders are opened relative to the folder above, never through a link, and the
 * walk stays on the device of its top. A folder stays open as long as something below is still to be visited, so no
 * path is ever resolved twice.
 */
#ifndef RUND_TREE_WALK_H
#define RUND_TREE_WALK_H

#include <dirent.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

struct folder {
    /* NULL for the top. */
    struct folder *above;
    char *name;
    /* NULL until it is entered. */
    DIR *stream;
    /* What is made of it elsewhere, for who makes something; closed with the folder unless it is -1. */
    int copy;
    /* Itself until it has been read, the folders in it, and the batches of its entries that others visit. */
    atomic_uint users;
};

/* Called from several threads at once, `visit` also for one folder. False with errno ends the walk. */
struct tree_visitor {
    /* A folder that was opened, before anything in it; may be NULL. */
    bool (*enter)(void *context, struct folder *folder);
    /* Whatever is no folder. */
    bool (*visit)(void *context, struct folder *folder, const char *name, const struct stat *status);
    /* A folder below which everything has been visited; may be NULL. */
    bool (*leave)(void *context, struct folder *folder);
    /* What vanishes meanwhile is no error: the tree is in use. */
    bool in_use;
};

/*
 * Walks the folder at `path`; `copy` becomes its copy. False with errno, and then `*failed` is the path in the tree that
 * could not be visited, to be freed, or NULL.
 */
bool tree_walk(const char *path, int copy, const struct tree_visitor *visitor, void *context, char **failed);

int folder_fd(const struct folder *folder);
/* Path of something in a folder, relative to the top; to be freed. The folder's own where `name` is NULL. */
char *folder_path(const struct folder *folder, const char *name);

#endif
