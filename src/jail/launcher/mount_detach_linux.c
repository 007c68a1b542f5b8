#include "mount_detach.h"

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

static bool find_exact(const char *base_path, const char *path, struct place *place)
{
    struct base base = {.path = base_path, .fd = open(base_path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (base.fd < 0) return false;
    bool found = place_find_exact(&base, path, place);
    close(base.fd);
    return found;
}

/* Whether the topmost mount at the place is `id`. The descriptor is closed at once: an open one makes a mount busy. */
static bool is_on_top(const struct place *place, const char *id)
{
    int fd = place_open(place);
    if (fd < 0) return false;
    struct mount_id top = mount_id_of(fd);
    close(fd);
    return mount_is_same(top.text, id);
}

enum outcome { DETACHED, BUSY, ELSEWHERE, FAILED };

/* Goes through the folder that is held open: nothing that is renamed or linked meanwhile can change what is hit. */
static enum outcome detach_at(const char *base, const char *path, const char *id, int flags)
{
    struct place place;
    char target[64 + NAME_MAX];
    errno = 0;
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
    /* EINVAL: nothing is mounted there, and what we saw is the mount that the folder is in. */
    if (result == 0 || error == EINVAL) return DETACHED;
    return error == EBUSY ? BUSY : FAILED;
}

static bool is_below(const struct mount_table *table, const struct mount_entry *entry, const char *id)
{
    for (int depth = 0; depth < 4096 && entry != NULL; depth++) {
        if (mount_is_same(entry->parent, id)) return true;
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
    bool lazy = detach_patience_is_up();
    if (lazy && detach_at("/", own->path, id, MNT_DETACH) == DETACHED) return DETACHED;
    enum outcome outcome = detach_at("/", last->path, last->id, lazy ? MNT_DETACH : 0);
    /* No path leads to what stands on a mount whose file server has died; it goes with that mount. */
    if (outcome == ELSEWHERE && errno == ENOTCONN && last != own) return detach_at("/", own->path, id, MNT_DETACH);
    return outcome == DETACHED && last != own ? ELSEWHERE : outcome;
}

enum relation { APART, AT_ITS_PLACE, AROUND_IT };

/* Where a mount is, seen from the place where ours was made. */
static enum relation relation_to(const struct mount_entry *own, const char *base, const char *path)
{
    char place[2 * PATH_MAX];
    snprintf(place, sizeof place, "%s%s", strcmp(base, "/") == 0 ? "" : base, path);
    size_t length = strcmp(own->path, "/") == 0 ? 0 : strlen(own->path);
    if (strncmp(own->path, place, length) != 0) return APART;
    if (place[length] == '\0') return AT_ITS_PLACE;
    return place[length] == '/' ? AROUND_IT : APART;
}

/*
 * The mount with the id may be another one: somebody else took ours away, and the next mount of the host had its id. Ours is
 * at its place, or elsewhere when a folder above it was renamed; never is it what the place lies in, such as the host's root.
 */
static bool is_ours(const struct mount_table *table, const char *base, const char *path, const char *id)
{
    const struct mount_entry *own = mount_table_find(table, id);
    if (own == NULL) return false;
    enum relation relation = relation_to(own, base, path);
    if (relation == AROUND_IT) return false;
    enum mount_life life = mount_life(id);
    return life == MOUNT_LIVES || (life == MOUNT_LIFE_UNKNOWN && relation == AT_ITS_PLACE);
}

/* One step of the slow way, by the mount table. Whether it is ours is asked once the table is read: it lived then. */
static enum outcome detach_outermost(const char *base, const char *path, const char *id)
{
    struct mount_table table;
    if (!mount_table_read(&table)) return FAILED;
    enum outcome outcome = is_ours(&table, base, path, id) ? detach_in_table(&table, id) : DETACHED;
    mount_table_free(&table);
    return outcome;
}

bool detach(const char *base, const char *path, const char *id)
{
    enum outcome outcome = detach_at(base, path, id, 0);
    for (int pass = 0; outcome != DETACHED && pass < PASSES; pass++) {
        if (outcome != ELSEWHERE) nanosleep(&(struct timespec){.tv_nsec = PAUSE_NANOSECONDS}, NULL);
        if (outcome == FAILED && detach_patience_is_up()) break;
        outcome = detach_outermost(base, path, id);
    }
    if (outcome != DETACHED) note("mount %s%s stays: %s", base, path, strerror(errno));
    return outcome == DETACHED;
}
