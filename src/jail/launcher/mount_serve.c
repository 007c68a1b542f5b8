#include "mount_serve.h"

#include "mount_awaited.h"
#include "mount_place.h"
#include "mount_report.h"
#include "mount_server.h"
#include "mount_source.h"

#ifdef __linux__
#include "mount_attach.h"
#include "mount_detach.h"
#include "mount_folders.h"
#include "mount_identity.h"
#include "mount_journal.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELD_DEST = 1, FIELD_SOURCE, FIELD_SCOPE, FIELD_ACCESS, FIELD_SERVER, FIELD_STAGING, FIELD_ASIDE, FIELD_LOG };
#ifdef __linux__
enum { STAGING_PATIENCE = 100 };
#endif

static void start(struct server *server, const struct record *record, const char *mountpoint)
{
    const struct server_command command = {
        .name = "bindfs",
        .step = "child",
        .program = record_field(record, FIELD_SERVER),
        .args = record->fields + FIELD_LOG + 1,
        .arg_count = record->count > FIELD_LOG ? record->count - FIELD_LOG - 1 : 0,
        .source = record_field(record, FIELD_SOURCE),
        .mountpoint = mountpoint,
        .log = record_field(record, FIELD_LOG),
    };
    server_start(server, &command, record_field(record, FIELD_DEST));
}

static void await_server(struct awaited *awaited, const struct server *server)
{
    while (!awaited_is_there(awaited)) server_check(server, awaited->destination);
    /* A mount that is in the table may still be dead; one that answers is up. */
    struct stat status;
    if (fstatat(awaited->place.parent, awaited->place.name, &status, 0) == 0) return;
    int error = errno;
    server_check(server, awaited->destination);
    give_up(error, awaited->destination, "%s", server->name);
}

#ifdef __linux__
/*
 * bindfs finds its mount point by path, and a path in a jail can be changed under it. So it mounts on a folder that no
 * jail sees, and from there the mount goes to its place through the folder that is held open.
 */
static void serve_by_way_of(const char *staging, const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST);
    struct base host = {.path = "/", .fd = open("/", OPEN_FOLDER | O_CLOEXEC)};
    struct mount_options options = {0};
    struct awaited awaited;
    struct server server;
    folders_make_above(staging);
    awaited_begin(&awaited, &host, staging, destination);
    start(&server, record, staging);
    await_server(&awaited, &server);
    size_t staged = awaited_done(&awaited);
    attach_bind(base, destination, staging, &options);
    detach_patience(STAGING_PATIENCE);
    if (detach(host.path, awaited.place.path, awaited.id.text)) journal_undone(staged);
    place_close(&awaited.place);
    close(host.fd);
}
#endif

/* Where mounts cannot be moved: straight on to its place, and a look through the folder that is held open says if it got there. */
static void serve_in_place(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST);
    struct awaited awaited;
    struct server server;
    char path[AWAITED_PATH_SIZE];
    awaited_begin(&awaited, base, destination, destination);
    start(&server, record, awaited_path(&awaited, path));
    await_server(&awaited, &server);
    awaited_done(&awaited);
    place_close(&awaited.place);
}

static void serve_folder(const struct base *base, const struct record *record)
{
#ifdef __linux__
    const char *staging = record_field(record, FIELD_STAGING);
    if (staging[0] != '\0') {
        serve_by_way_of(staging, base, record);
        return;
    }
#endif
    serve_in_place(base, record);
}

static void ensure_folder(const struct base *base, const char *destination)
{
    struct place place;
    if (!place_find(base, destination, CREATE_DIRECTORY, &place)) give_up(errno, destination, "%s", "mount point");
    place_close(&place);
}

#ifdef __linux__
/* No hard link leads from one mount to another, even of one file system. */
static bool is_elsewhere(const struct base *base, const char *destination, const char *source)
{
    struct place place;
    int fd = open(source, O_PATH | O_CLOEXEC);
    if (fd < 0) give_up(errno, destination, "bind source %s", source);
    if (!place_find(base, destination, CREATE_PARENTS, &place)) give_up(errno, destination, "%s", "mount point");
    bool same = mount_is_same(mount_id_of(place.parent).text, mount_id_of(fd).text);
    place_close(&place);
    close(fd);
    return !same;
}
#endif

static void serve_socket(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST), *source = record_field(record, FIELD_SOURCE);
#ifdef __linux__
    if (is_elsewhere(base, destination, source)) {
        /* Through bindfs it could not be connected to. BuildKit shows one of its own in each step's /dev, a tmpfs. */
        struct mount_options options = {0};
        attach_bind(base, destination, source, &options);
        return;
    }
#endif
    place_file(base, destination, source, record_field(record, FIELD_ASIDE), false);
}

void serve(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST), *source = record_field(record, FIELD_SOURCE);
    const char *scope = record_field(record, FIELD_SCOPE);
    bool write = strcmp(record_field(record, FIELD_ACCESS), "rw") == 0;
    struct stat status;
    bind_source_status(destination, source, &status);
    if (S_ISDIR(status.st_mode)) {
        if (strcmp(scope, "files") == 0) ensure_folder(base, destination);
        else serve_folder(base, record);
    } else if (S_ISREG(status.st_mode)) {
        if (strcmp(scope, "folders") != 0) {
            place_file(base, destination, source, record_field(record, FIELD_ASIDE), write);
        }
    } else if (S_ISSOCK(status.st_mode)) {
        if (strcmp(scope, "folders") != 0) serve_socket(base, record);
    } else {
        give_up(0, destination, "bindfs cannot show a device or fifo: %s", source);
    }
}
