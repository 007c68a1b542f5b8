#include "mount_place.h"

#include "mount_copy.h"
#include "mount_journal.h"
#include "mount_report.h"
#include "mount_stub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACE_BASE = 1, PLACE_PATH, PLACE_SOURCE, PLACE_ASIDE, PLACE_HAD, PLACE_BEFORE };
enum { PLACED_WRITE = 1, PLACED_SIZE, PLACED_TIME, PLACED_INODE, PLACED_SOURCE_DEVICE, PLACED_SOURCE_INODE, PLACED_AFTER };

struct number {
    char text[32];
};

static struct number number_text(uintmax_t number)
{
    struct number result;
    snprintf(result.text, sizeof result.text, "%ju", number);
    return result;
}

/* Moves a file, by a copy where the names are on different file systems; only a whole copy gets the new name. */
static bool move_file(int from_folder, const char *from, int to_folder, const char *to)
{
    char partial[PATH_MAX];
    if (renameat(from_folder, from, to_folder, to) == 0) return true;
    if (errno != EXDEV || snprintf(partial, sizeof partial, "%s.rund-partial", to) >= (int)sizeof partial) return false;
    int file = openat(from_folder, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return false;
    unlinkat(to_folder, partial, 0);
    bool moved = copy_file(file, to_folder, partial) && renameat(to_folder, partial, to_folder, to) == 0 &&
                 unlinkat(from_folder, from, 0) == 0;
    int error = errno;
    close(file);
    errno = error;
    return moved;
}

/* Whether a file of the image is in the way; gives up on what is no file. */
static bool is_taken(const struct place *place, const char *destination)
{
    struct stat status;
    if (place->name[0] == '\0') give_up(0, destination, "%s", "the root cannot be a mount point");
    if (fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) give_up(errno, destination, "%s", "mount point");
        return false;
    }
    if (S_ISDIR(status.st_mode)) give_up(EISDIR, destination, "%s", "mount point");
    if (!S_ISREG(status.st_mode)) give_up(0, destination, "%s", "mount point: not a regular file");
    return true;
}

static void put(const struct place *place, const char *destination, const char *source, const struct stat *kind)
{
    if (S_ISSOCK(kind->st_mode)) {
        if (linkat(AT_FDCWD, source, place->parent, place->name, 0) == 0) return;
        if (errno == EXDEV) {
            give_up(0, destination, "socket %s: bindfs cannot show a socket of another file system", source);
        }
        give_up(errno, destination, "link of socket %s", source);
    }
    int from = open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0 || !copy_file(from, place->parent, place->name)) give_up(errno, destination, "copy of %s", source);
    close(from);
}

void place_file(const struct base *base, const char *destination, const char *source, const char *aside, bool write)
{
    struct place place;
    struct stat from, to;
    char before[48], after[48], time[48], real[PATH_MAX];
    if (realpath(source, real) == NULL || stat(real, &from) != 0) give_up(errno, destination, "bind source %s", source);
    if (!place_find(base, destination, CREATE_PARENTS, &place)) give_up(errno, destination, "%s", "mount point");
    bool taken = is_taken(&place, destination);
    folder_time(place.parent, before);
    journal_step("place", base->path, place.path, real, aside, taken ? "1" : "0", before);
    if (taken && !move_file(place.parent, place.name, AT_FDCWD, aside)) give_up(errno, destination, "keep as %s", aside);
    put(&place, destination, real, &from);
    if (fstatat(place.parent, place.name, &to, AT_SYMLINK_NOFOLLOW) != 0) give_up(errno, destination, "%s", "placed file");
    folder_time(place.parent, after);
    modified_time(&to, time);
    journal_step("placed", write && S_ISREG(from.st_mode) ? "1" : "0", number_text((uintmax_t)to.st_size).text, time,
                 number_text(to.st_ino).text, number_text((uintmax_t)from.st_dev).text, number_text(from.st_ino).text, after);
    place_close(&place);
}

static bool find_placed(const struct record *record, struct place *place)
{
    struct base base = {.path = record_field(record, PLACE_BASE)};
    base.fd = open(base.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base.fd < 0) return false;
    bool found = place_find_exact(&base, record_field(record, PLACE_PATH), place);
    close(base.fd);
    return found;
}

static bool is_field(const struct record *record, size_t index, uintmax_t number)
{
    return strcmp(record_field(record, index), number_text(number).text) == 0;
}

static bool is_changed(const struct record *placed, const struct stat *status)
{
    char time[48];
    modified_time(status, time);
    return !is_field(placed, PLACED_SIZE, (uintmax_t)status->st_size) || !is_field(placed, PLACED_INODE, status->st_ino) ||
           strcmp(record_field(placed, PLACED_TIME), time) != 0;
}

/* Into the very file that was placed, so that its mode, owner and other names stay. */
static void write_to_source(const struct record *place, const struct record *placed, int from)
{
    const char *source = record_field(place, PLACE_SOURCE);
    struct stat status;
    int to = open(source, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same = to >= 0 && fstat(to, &status) == 0 && S_ISREG(status.st_mode) &&
                is_field(placed, PLACED_SOURCE_DEVICE, (uintmax_t)status.st_dev) &&
                is_field(placed, PLACED_SOURCE_INODE, status.st_ino);
    if (!same) note("changes to %s are lost: the file was replaced meanwhile", source);
    else if (!copy_content(from, to)) note("changes to %s are lost: %s", source, strerror(errno));
    if (to >= 0) close(to);
}

void place_write_back(const struct record *record, const struct record *placed)
{
    struct place place;
    struct stat status;
    if (strcmp(record_field(placed, PLACED_WRITE), "1") != 0 || !find_placed(record, &place)) return;
    int from = openat(place.parent, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from >= 0 && fstat(from, &status) == 0 && S_ISREG(status.st_mode)) {
        if (is_changed(placed, &status)) write_to_source(record, placed, from);
    } else if (errno != ENOENT) {
        note("changes to %s are lost: no regular file in the jail", record_field(record, PLACE_SOURCE));
    }
    if (from >= 0) close(from);
    place_close(&place);
}

static bool restore(const struct record *record, const struct place *place)
{
    struct stat status;
    bool had = strcmp(record_field(record, PLACE_HAD), "1") == 0;
    const char *aside = record_field(record, PLACE_ASIDE);
    /* Never moved aside, or put back by an undo that was cut short: what is there is the image's own. */
    if (had && faccessat(AT_FDCWD, aside, F_OK, AT_SYMLINK_NOFOLLOW) != 0) return true;
    bool there = fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !S_ISDIR(status.st_mode)) unlinkat(place->parent, place->name, 0);
    return !had || move_file(AT_FDCWD, aside, place->parent, place->name);
}

bool place_take_back(const struct record *record, const struct record *placed)
{
    struct place place;
    char now[48];
    /* The jail took the whole folder away, and the image's file with it. */
    if (!find_placed(record, &place)) {
        unlink(record_field(record, PLACE_ASIDE));
        return true;
    }
    folder_time(place.parent, now);
    bool alone = placed != NULL && strcmp(now, record_field(placed, PLACED_AFTER)) == 0;
    bool restored = restore(record, &place);
    if (!restored) note("file %s%s is not back: %s", record_field(record, PLACE_BASE), place.path, strerror(errno));
    if (alone) {
        folder_time(place.parent, now);
        folder_time_restore(place.parent, now, record_field(record, PLACE_BEFORE));
    }
    place_close(&place);
    return restored;
}
