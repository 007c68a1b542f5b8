#include "mount_tool.h"

#include "clock.h"
#include "mount_awaited.h"
#include "mount_report.h"
#include "mount_server.h"
#include "mount_stub.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FIELD_DEST = 1, FIELD_MODE, FIELD_UID, FIELD_GID, FIELD_LOG, FIELD_PROGRAM };
enum { LOOK_NANOSECONDS = 2000000 };

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The tool ends when it has mounted, so its end comes first. */
static void await_end(const struct server *tool, const struct awaited *awaited)
{
    while (!server_succeeded(tool, awaited->destination)) {
        if (clock_milliseconds() > awaited->deadline) {
            kill(tool->pid, SIGKILL);
            give_up(0, awaited->destination, "%s: no end after ten seconds", tool->name);
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NANOSECONDS}, NULL);
    }
}

static unsigned number_of(const char *text, int base, unsigned otherwise)
{
    return text[0] == '\0' ? otherwise : (unsigned)strtoul(text, NULL, base);
}

/* What is made in it later vanishes with it, so mount points in it need no journal. */
static void set_root(const struct awaited *awaited, const struct record *record)
{
    const char *mode = record_field(record, FIELD_MODE), *name = awaited->place.name;
    struct stat status;
    int root = openat(awaited->place.parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (root < 0 || fstat(root, &status) != 0) give_up(errno, awaited->destination, "%s", "mounted folder");
    uid_t uid = number_of(record_field(record, FIELD_UID), 10, status.st_uid);
    gid_t gid = number_of(record_field(record, FIELD_GID), 10, status.st_gid);
    bool owned = uid == status.st_uid && gid == status.st_gid;
    if (!owned && fchown(root, uid, gid) != 0) give_up(errno, awaited->destination, "%s", "owner");
    if (mode[0] != '\0' && fchmod(root, (mode_t)(number_of(mode, 8, 0) & 07777)) != 0) {
        give_up(errno, awaited->destination, "%s", "mode");
    }
    stub_forget_on(status.st_dev);
    close(root);
}

void mount_by_tool(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST), *program = record_field(record, FIELD_PROGRAM);
    struct awaited awaited;
    struct server tool;
    char path[AWAITED_PATH_SIZE];
    if (record->count <= FIELD_PROGRAM) give_up(EINVAL, destination, "%s", "tool");
    awaited_begin(&awaited, base, destination, destination);
    const struct server_command command = {
        .name = file_name(program),
        .step = "child",
        .program = program,
        .args = record->fields + FIELD_PROGRAM + 1,
        .arg_count = record->count - FIELD_PROGRAM - 1,
        .mountpoint = awaited_path(&awaited, path),
        .log = record_field(record, FIELD_LOG),
    };
    server_start(&tool, &command, destination);
    await_end(&tool, &awaited);
    while (!awaited_is_there(&awaited)) continue;
    awaited_done(&awaited);
    set_root(&awaited, record);
    place_close(&awaited.place);
}
