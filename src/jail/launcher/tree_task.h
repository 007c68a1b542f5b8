/* What a thread of a walk does at a time: it reads a folder, or visits a batch of a folder's entries. */
#ifndef RUND_TREE_TASK_H
#define RUND_TREE_TASK_H

#include "tree_walk.h"

#include <stddef.h>

/* A batch is large enough for the lock not to matter, and small enough for all threads to end at about the same time. */
enum { BATCH_ENTRIES = 32, BATCH_BYTES = 4 * 1024 * 1024 };

struct task_entry {
    char *name;
    struct stat status;
};

struct task {
    struct task *next;
    struct folder *folder;
    /* Entries to visit; none when the folder is to be read. */
    size_t count;
    /* Of their content. */
    unsigned long long bytes;
    struct task_entry entries[BATCH_ENTRIES];
};

/* One without entries; NULL with errno. It does not count as a user of the folder. */
struct task *task_create(struct folder *folder);
/* False with errno ENOMEM. */
bool task_add(struct task *batch, const char *name, const struct stat *status);
bool task_is_full(const struct task *batch);
void task_clear(struct task *batch);
void task_free(struct task *task);

#endif
