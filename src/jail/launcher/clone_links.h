/*
 * Files with several names: the first name met is copied, the others are linked to that copy. Numbers of inodes are
 * spread over many tables with a lock each, which is held while a first copy is made, so that threads seldom wait.
 */
#ifndef RUND_CLONE_LINKS_H
#define RUND_CLONE_LINKS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { LINK_TABLES = 64 };

struct known_link {
    ino_t inode;
    /* Relative to the top; NULL in a free place. */
    char *path;
};

struct link_table {
    pthread_mutex_t lock;
    struct known_link *places;
    size_t used;
    size_t size;
};

struct clone_links {
    struct link_table tables[LINK_TABLES];
};

void links_init(struct clone_links *links);
void links_free(struct clone_links *links);
/* The table of an inode, locked. */
struct link_table *links_lock(struct clone_links *links, ino_t inode);
void links_unlock(struct link_table *table);
/* Path of the first copy, or NULL. */
const char *links_find(const struct link_table *table, ino_t inode);
/* Takes the path over; false with errno ENOMEM. */
bool links_add(struct link_table *table, ino_t inode, char *path);

#endif
