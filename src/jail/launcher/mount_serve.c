#include "mount_serve.h"

#ifdef __linux__

#include "clock.h"
#include "mount_attach.h"
#include "mount_detach.h"
#include "mount_folders.h"
#include "mount_identity.h"
#include "mount_journal.h"
#include "mount_place.h"
#include "mount_report.h"
#include "mount_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELD_DEST = 1, FIELD_SOURCE, FIELD_SCOPE, FIELD_ACCESS, FIELD_SERVER, FIELD_STAGING, FIELD_ASIDE, FIELD_LOG };
/* How long bindfs may take, and how often it is looked after when nothing tells. */
enum { MOUNT_MILLISECONDS = 10000, LOOK_MILLISECONDS = 10, STAGING_PATIENCE = 100 };

static struct mount_id top_of(const struct place *place)
{
    struct mount_id id = {""};
    int fd = place_open(place);
    if (fd < 0) return id;
    id = mount_id_of(fd);
    close(fd);
    return id;
}

/* A mount that is in the table may still be dead; one that answers is up. */
static void check_alive(const struct place *staging, const struct server *server, const char *destination)
{
    struct stat status;
    if (fstatat(staging->parent, staging->name, &status, 0) == 0) return;
    int error = errno;
    server_check(server, destination);
    give_up(error, destination, "%s", "bindfs");
}

static void await_mount(const struct place *staging, const char *before, const struct server *server,
                        const char *destination)
{
    /* The kernel tells of a change of this file as an exceptional condition. */
    struct pollfd table = {.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), .events = POLLPRI};
    int64_t deadline = clock_milliseconds() + MOUNT_MILLISECONDS;
    while (strcmp(top_of(staging).text, before) == 0) {
        server_check(server, destination);
        if (clock_milliseconds() > deadline) give_up(0, destination, "%s", "bindfs: no mount after ten seconds");
        poll(&table, 1, LOOK_MILLISECONDS);
    }
    close(table.fd);
    check_alive(staging, server, destination);
}

/*
 * bindfs finds its mount point by path, and a path in a jail can be changed under it. So it mounts on a folder that no
 * jail sees, and from there the mount goes to its place through the folder that is held open.
 */
static void serve_folder(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST), *staging = record_field(record, FIELD_STAGING);
    struct base host = {.path = "/", .fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    struct mount_options options = {0};
    struct place place;
    struct server server;
    folders_make_above(staging);
    if (!place_find(&host, staging, CREATE_DIRECTORY, &place)) give_up(errno, destination, "%s", staging);
    struct mount_id before = top_of(&place);
    journal_step("mount", host.path, place.path, before.text);
    server_start(&server, record_field(record, FIELD_SERVER), record->fields + FIELD_LOG + 1,
                 record->count - FIELD_LOG - 1, record_field(record, FIELD_SOURCE), staging,
                 record_field(record, FIELD_LOG), destination);
    await_mount(&place, before.text, &server, destination);
    struct mount_id id = top_of(&place);
    size_t staged = journal_step("mounted", host.path, place.path, id.text);
    attach_bind(base, destination, staging, &options);
    detach_patience(STAGING_PATIENCE);
    if (detach(host.path, place.path, id.text)) journal_undone(staged);
    place_close(&place);
    close(host.fd);
}

static void ensure_folder(const struct base *base, const char *destination)
{
    struct place place;
    if (!place_find(base, destination, CREATE_DIRECTORY, &place)) give_up(errno, destination, "%s", "mount point");
    place_close(&place);
}

/* No hard link leads from one mount to another, even of one file system. */
static bool is_elsewhere(const struct base *base, const char *destination, int source)
{
    struct place place;
    if (!place_find(base, destination, CREATE_PARENTS, &place)) give_up(errno, destination, "%s", "mount point");
    bool same = mount_is_same(mount_id_of(place.parent).text, mount_id_of(source).text);
    place_close(&place);
    return !same;
}

static void serve_socket(const struct base *base, const struct record *record, int socket)
{
    const char *destination = record_field(record, FIELD_DEST), *source = record_field(record, FIELD_SOURCE);
    if (!is_elsewhere(base, destination, socket)) {
        place_file(base, destination, source, record_field(record, FIELD_ASIDE), false);
        return;
    }
    /* Through bindfs it could not be connected to. BuildKit shows one of its own in each step's /dev, a tmpfs. */
    struct mount_options options = {0};
    attach_bind(base, destination, source, &options);
}

void serve(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST), *source = record_field(record, FIELD_SOURCE);
    const char *scope = record_field(record, FIELD_SCOPE);
    bool write = strcmp(record_field(record, FIELD_ACCESS), "rw") == 0;
    struct stat status;
    int fd = open_bind_source(destination, source, &status);
    if (S_ISDIR(status.st_mode)) {
        if (strcmp(scope, "files") == 0) ensure_folder(base, destination);
        else serve_folder(base, record);
    } else if (S_ISREG(status.st_mode)) {
        if (strcmp(scope, "folders") != 0) {
            place_file(base, destination, source, record_field(record, FIELD_ASIDE), write);
        }
    } else if (S_ISSOCK(status.st_mode)) {
        if (strcmp(scope, "folders") != 0) serve_socket(base, record, fd);
    } else {
        give_up(0, destination, "bindfs cannot show a device or fifo: %s", source);
    }
    close(fd);
}

#endif
