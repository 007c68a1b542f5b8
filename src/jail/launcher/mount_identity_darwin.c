#include "mount_identity.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

/* FNV-1a, 64 bits, the NUL included so that two texts never run together. */
static uint64_t digest(uint64_t hash, const char *text)
{
    do hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    while (*text++ != '\0');
    return hash;
}

static struct mount_id id_from(const struct statfs *status)
{
    struct mount_id id;
    uint64_t hash = digest(0xcbf29ce484222325U, status->f_mntonname);
    hash = digest(digest(hash, status->f_mntfromname), status->f_fstypename);
    const int32_t *number = status->f_fsid.val;
    snprintf(id.text, sizeof id.text, "%x.%x/%016llx", (unsigned)number[0], (unsigned)number[1], (unsigned long long)hash);
    return id;
}

struct mount_id mount_id_of(int fd)
{
    struct statfs status;
    if (fstatfs(fd, &status) == 0) return id_from(&status);
    return (struct mount_id){""};
}

/*
 * What the kernel knows of all mounts without asking their file systems: a server that is dead or hangs hangs nobody here.
 * The table may grow while it is read.
 */
static int read_statuses(struct statfs **statuses)
{
    *statuses = NULL;
    for (int tries = 0; tries < 8; tries++) {
        int expected = getfsstat(NULL, 0, MNT_NOWAIT);
        if (expected < 0) return -1;
        int room = expected + 16;
        struct statfs *larger = realloc(*statuses, (size_t)room * sizeof **statuses);
        if (larger == NULL) break;
        *statuses = larger;
        int count = getfsstat(*statuses, room * (int)sizeof **statuses, MNT_NOWAIT);
        if (count >= 0 && count < room) return count;
    }
    free(*statuses);
    return -1;
}

bool mount_table_read(struct mount_table *table)
{
    struct statfs *statuses;
    int count = read_statuses(&statuses);
    *table = (struct mount_table){0};
    if (count < 0) return false;
    table->entries = calloc((size_t)count + 1, sizeof *table->entries);
    if (table->entries != NULL) table->count = (size_t)count;
    for (size_t i = 0; i < table->count; i++) {
        struct mount_id id = id_from(&statuses[i]);
        memcpy(table->entries[i].id, id.text, sizeof id.text);
        strlcpy(table->entries[i].path, statuses[i].f_mntonname, sizeof table->entries[i].path);
    }
    free(statuses);
    return table->entries != NULL;
}

enum mount_life mount_life(const char *id)
{
    struct mount_table table;
    if (!mount_table_read(&table)) return MOUNT_LIFE_UNKNOWN;
    bool lives = mount_table_find(&table, id) != NULL;
    mount_table_free(&table);
    return lives ? MOUNT_LIVES : MOUNT_IS_GONE;
}

struct mount_id mount_id_at(const char *base, const char *path)
{
    struct mount_table table;
    struct mount_id id = {""};
    char place[2 * PATH_MAX];
    snprintf(place, sizeof place, "%s%s", strcmp(base, "/") == 0 ? "" : base, path);
    if (!mount_table_read(&table)) return id;
    for (size_t i = 0; i < table.count; i++) {
        if (strcmp(table.entries[i].path, place) == 0) memcpy(id.text, table.entries[i].id, sizeof id.text);
    }
    mount_table_free(&table);
    return id;
}

/* Nothing tells of changes. */
void mount_table_await(int milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL);
}
