/*
 * Telling mounts apart. A path does not name a mount: others may be stacked on it, and a folder above it may have been
 * renamed. The system's own id does, as long as the mount lives.
 */
#ifndef RUND_MOUNT_IDENTITY_H
#define RUND_MOUNT_IDENTITY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Digits; "" when it cannot be told. */
struct mount_id {
    char text[24];
};

/* The mount that a descriptor is in. */
struct mount_id mount_id_of(int fd);

struct mount_entry {
    char id[24];
    char parent[24];
    char path[PATH_MAX];
};

struct mount_table {
    size_t count;
    struct mount_entry *entries;
};

/* All mounts that can be seen, in the system's order: what is mounted on another mount stands behind it. */
bool mount_table_read(struct mount_table *table);
const struct mount_entry *mount_table_find(const struct mount_table *table, const char *id);
void mount_table_free(struct mount_table *table);

#endif
