/*
 * Telling mounts apart. A path does not name a mount: others may be stacked on it, and a folder above it may have been
 * renamed. The system's own id does, but only as long as the mount lives: the next one may get the same. From Linux 6.8 on
 * there is a second id that no other mount ever gets. macOS has the id of the file system; where it is mounted, from what
 * and of which kind is kept with it as a digest, so that another one that gets the same id is told apart.
 */
#ifndef RUND_MOUNT_IDENTITY_H
#define RUND_MOUNT_IDENTITY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The system's id, and behind a slash what tells it from a later mount with the same, where there is such a thing; ""
 * when it cannot be told.
 */
struct mount_id {
    char text[48];
};

/* The mount that a descriptor is in. */
struct mount_id mount_id_of(int fd);
/* The topmost mount at `path` in the folder `base`, both free of links when they were recorded. */
struct mount_id mount_id_at(const char *base, const char *path);

/* Whether two ids are of one mount. One may lack the lasting part: the table's do, and those of an older launcher. */
bool mount_is_same(const char *one, const char *other);

enum mount_life { MOUNT_LIVES, MOUNT_IS_GONE, MOUNT_LIFE_UNKNOWN };

/* Whether the mount with this id is still there; unknown where the system has no lasting ids. */
enum mount_life mount_life(const char *id);

struct mount_entry {
    char id[48];
    /* "" where the system does not tell. */
    char parent[24];
    char path[PATH_MAX];
};

struct mount_table {
    size_t count;
    struct mount_entry *entries;
};

/* All mounts that can be seen, in the system's order: what is mounted on another mount stands behind it. */
bool mount_table_read(struct mount_table *table);
/* The entry of a mount, which must be known to live: the table has only the ids that are given again. */
const struct mount_entry *mount_table_find(const struct mount_table *table, const char *id);
void mount_table_free(struct mount_table *table);
/* Waits until the table has changed since the last call, or may have; `milliseconds` at most. */
void mount_table_await(int milliseconds);

#endif
