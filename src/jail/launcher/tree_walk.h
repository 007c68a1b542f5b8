/*
 * A walk over a tree by several threads. Folders are opened relative to the folder above, never through a link, and what is
 * mounted in the tree is left out. A folder stays open as long as something below is still to be visited, so no path is
 * ever resolved twice.
 */
#ifndef RUND_TREE_WALK_H
#define RUND_TREE_WALK_H

#include <dirent.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

/*
 * How many folders deep a tree may be. No path leads as far, and no archive, but a process that changes into each folder that
 * it makes gets there, and each takes a descriptor of whoever follows.
 */
enum { MOST_DEPTH = 1024 };

struct folder {
    /* NULL for the top. */
    struct folder *above;
    char *name;
    /* NULL until it is entered. */
    DIR *stream;
    /* What is made of it elsewhere, for who makes something; closed with the folder unless it is -1. */
    int copy;
    /* How many folders are above. */
    unsigned depth;
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
    /*
     * Moves a folder that is too deep into the top, under a name that it answers, to be freed. NULL with errno; may be NULL
     * itself, and then a tree that is too deep is an error, ENAMETOOLONG.
     */
    char *(*lift)(void *context, struct folder *folder, const char *name, struct folder *top);
    /* What vanishes meanwhile is no error: the tree is in use. */
    bool in_use;
    /* The walk goes into subvolumes too, which have devices of their own. */
    bool across_devices;
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
