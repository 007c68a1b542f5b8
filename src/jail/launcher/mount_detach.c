#include "mount_detach.h"

#ifdef __linux__

#include "mount_identity.h"
#include "mount_path.h"
#include "mount_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_NANOSECONDS = 10000000, PASSES = 256 };

static struct timespec patience_ends;

void detach_patience(int milliseconds)
{
    clock_gettime(CLOCK_MONOTONIC, &patience_ends);
    patience_ends.tv_sec += milliseconds / 1000;
    patience_ends.tv_nsec += (milliseconds % 1000) * 1000000L;
    if (patience_ends.tv_nsec >= 1000000000L) {
        patience_ends.tv_sec++;
        patience_ends.tv_nsec -= 1000000000L;
    }
}

static bool patience_is_up(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > patience_ends.tv_sec ||
           (now.tv_sec == patience_ends.tv_sec && now.tv_nsec >= patience_ends.tv_nsec);
}

static bool find_exact(const char *base_path, const char *path, struct place *place)
{
    struct base base = {.path = base_path, .fd = open(base_path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (base.fd < 0) return false;
    bool found = place_find_exact(&base, path, place);
    close(base.fd);
    return found;
}

/* Whether two ids are of one mount, where one may be the table's, which has no lasting part. */
static bool is_same_mount(const char *one, const char *other)
{
    if (strchr(one, '/') != NULL && strchr(other, '/') != NULL) return strcmp(one, other) == 0;
    size_t length = strcspn(one, "/");
    return length == strcspn(other, "/") && strncmp(one, other, length) == 0;
}

/* Whether the topmost mount at the place is `id`. The descriptor is closed at once: an open one makes a mount busy. */
static bool is_on_top(const struct place *place, const char *id)
{
    int fd = place_open(place);
    if (fd < 0) return false;
    struct mount_id top = mount_id_of(fd);
    close(fd);
    return is_same_mount(top.text, id);
}

enum outcome { DETACHED, BUSY, ELSEWHERE, FAILED };

/* Goes through the folder that is held open: nothing that is renamed or linked meanwhile can change what is hit. */
static enum outcome detach_at(const char *base, const char *path, const char *id, int flags)
{
    struct place place;
    char target[64 + NAME_MAX];
    if (!find_exact(base, path, &place)) return ELSEWHERE;
    if (place.name[0] == '\0' || !is_on_top(&place, id)) {
        place_close(&place);
        return ELSEWHERE;
    }
    snprintf(target, sizeof target, "/proc/self/fd/%d/%s", place.parent, place.name);
    int result = umount2(target, UMOUNT_NOFOLLOW | flags);
    int error = errno;
    place_close(&place);
    errno = error;
    if (result == 0) return DETACHED;
    return error == EBUSY ? BUSY : FAILED;
}

static bool is_below(const struct mount_table *table, const struct mount_entry *entry, const char *id)
{
    for (int depth = 0; depth < 4096 && entry != NULL; depth++) {
        if (is_same_mount(entry->parent, id)) return true;
        if (strcmp(entry->parent, entry->id) == 0) return false;
        entry = mount_table_find(table, entry->parent);
    }
    return false;
}

/*
 * The last mount that stands on ours, or ours itself when nothing does; NULL when it is gone. A mount of somebody
 * else's on ours goes too: ours could not go without it.
 */
static const struct mount_entry *outermost(const struct mount_table *table, const char *id)
{
    const struct mount_entry *found = mount_table_find(table, id);
    if (found == NULL) return NULL;
    for (size_t i = 0; i < table->count; i++) {
        if (is_below(table, &table->entries[i], id)) found = &table->entries[i];
    }
    return found;
}

static enum outcome detach_in_table(const struct mount_table *table, const char *id)
{
    const struct mount_entry *own = mount_table_find(table, id), *last = outermost(table, id);
    if (own == NULL || last == NULL) return DETACHED;
    /* A lazy detach takes all that stands on the mount along. */
    bool lazy = patience_is_up();
    if (lazy && detach_at("/", own->path, id, MNT_DETACH) == DETACHED) return DETACHED;
    enum outcome outcome = detach_at("/", last->path, last->id, lazy ? MNT_DETACH : 0);
    return outcome == DETACHED && last != own ? ELSEWHERE : outcome;
}

/* Where no lasting id tells, the mount must be where we made it: what has its id elsewhere may be somebody else's. */
static bool is_in_its_place(const struct mount_table *table, const char *base, const char *path, const char *id)
{
    char expected[2 * PATH_MAX];
    const struct mount_entry *own = mount_table_find(table, id);
    bool at_root = strcmp(base, "/") == 0;
    snprintf(expected, sizeof expected, "%s%s", at_root ? "" : base, path);
    return own != NULL && strcmp(own->path, expected) == 0;
}

/*
 * One step of the slow way, by the mount table. Somebody else may have taken our mount away, and then the next mount of the
 * host had its id: so the mount must be known to live once the table is read.
 */
static enum outcome detach_outermost(const char *base, const char *path, const char *id)
{
    struct mount_table table;
    if (!mount_table_read(&table)) return FAILED;
    enum mount_life life = mount_life(id);
    bool ours = life == MOUNT_LIVES || (life == MOUNT_LIFE_UNKNOWN && is_in_its_place(&table, base, path, id));
    enum outcome outcome = ours ? detach_in_table(&table, id) : DETACHED;
    mount_table_free(&table);
    return outcome;
}

bool detach(const char *base, const char *path, const char *id)
{
    enum outcome outcome = detach_at(base, path, id, 0);
    for (int pass = 0; outcome != DETACHED && pass < PASSES; pass++) {
        if (outcome != ELSEWHERE) nanosleep(&(struct timespec){.tv_nsec = PAUSE_NANOSECONDS}, NULL);
        if (outcome == FAILED && patience_is_up()) break;
        outcome = detach_outermost(base, path, id);
    }
    if (outcome != DETACHED) note("mount %s%s stays: %s", base, path, strerror(errno));
    return outcome == DETACHED;
}

#endif
