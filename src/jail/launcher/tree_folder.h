/* The folders of a walk: each is kept as long as one below it is. */
#ifndef RUND_TREE_FOLDER_H
#define RUND_TREE_FOLDER_H

#include "tree_walk.h"

/* NULL with errno. */
struct folder *folder_create(struct folder *above, const char *name);
/* False with errno. The top's name is a path of the caller's. */
bool folder_open(struct folder *folder);
/* One user less; true when it was the last, and then the folder is to be left and freed. */
bool folder_unused(struct folder *folder);
/* Frees it and returns the folder above. */
struct folder *folder_free(struct folder *folder);

#endif
