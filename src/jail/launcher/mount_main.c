/*
 * `rund-jail mount JOURNAL`: carries out a plan that comes on standard input, a record for each operation in order.
 *
 *   base PATH                          what follows is inside that folder
 *   jail PATH                          the same, and it is going to be the jail's root
 *   serve DEST ...                     a bind mount by bindfs (mount_serve.h)
 *   tool DEST ...                      a mount by a program of the system (mount_tool.h)
 *   ensure DEST SOURCE                 only the mount point: a file where SOURCE is no folder
 *   folder DEST MODE UID GID           a folder with this mode, octal, and owner where there is nothing; taken away again when
 *                                      nothing is left in it
 *   offer DEST MODE                    the same for one of root's that a jail can be without
 *   dns DEST SERVICE LOG               lookups of names go to the host's SERVICE (mount_dns.h)
 *   claim FOLDER PATH JOURNAL          keeps other bundles off the folder PATH (mount_claim.h)
 *
 * Linux also has those in mount_linux.c. The first failure ends it; what was done stands in the journal for
 * `rund-jail umount JOURNAL` to take back.
 */
#include "mount_claim.h"
#include "mount_dns.h"
#include "mount_journal.h"
#include "mount_operation.h"
#include "mount_process.h"
#include "mount_report.h"
#include "mount_serve.h"
#include "mount_source.h"
#include "mount_stub.h"
#include "mount_tool.h"
#include "root_directory.h"
#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without links: it is what a mount's path in the system's table begins with. */
static char base_path[PATH_MAX];
static struct base base = {.path = base_path, .fd = -1};

static void run_base(const struct record *record)
{
    const char *path = record_field(record, 1);
    if (realpath(path, base_path) == NULL) give_up(errno, "root", "%s", path);
    if (base.fd >= 0) close(base.fd);
    base.fd = open(base_path, OPEN_FOLDER | O_CLOEXEC);
    if (base.fd < 0) give_up(errno, "root", "%s", path);
}

static void run_jail(const struct record *record)
{
    struct stat status;
    run_base(record);
    if (fstat(base.fd, &status) != 0) give_up(errno, "root", "%s", base.path);
    if (is_own_root(&status)) give_up(0, "root", "%s", "is the host's own root");
    /* Held to the end: mount points that are found in it now must still be there when they are mounted on. */
    stub_lock(base.path);
}

static void run_serve(const struct record *record)
{
    serve(&base, record);
}

static void run_tool(const struct record *record)
{
    mount_by_tool(&base, record);
}

static void run_ensure(const struct record *record)
{
    const char *destination = record_field(record, 1), *source = record_field(record, 2);
    struct place place;
    struct stat status = {.st_mode = S_IFDIR};
    if (source[0] != '\0') bind_source_status(destination, source, &status);
    enum create create = S_ISDIR(status.st_mode) ? CREATE_DIRECTORY : CREATE_FILE;
    if (!place_find(&base, destination, create, &place)) give_up(errno, destination, "%s", "mount point");
    place_close(&place);
}

static uint32_t number_field(const struct record *record, size_t index, int base_of_digits)
{
    char *end;
    const char *text = record_field(record, index);
    unsigned long number = strtoul(text, &end, base_of_digits);
    if (end == text || *end != '\0' || number >= UINT32_MAX) give_up(EINVAL, record_field(record, 1), "%s", "folder");
    return (uint32_t)number;
}

static bool is_missing(const struct place *place)
{
    struct stat status;
    return place->name[0] != '\0' && fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0;
}

static bool make_folder(const struct place *place, mode_t mode)
{
    return stub_make(&base, place->path, place->parent, place->name, STUB_DIRECTORY, mode, 0);
}

static void run_folder(const struct record *record)
{
    const char *destination = record_field(record, 1);
    struct place place;
    if (!place_find(&base, destination, CREATE_PARENTS, &place)) give_up(errno, destination, "%s", "folder");
    if (is_missing(&place)) {
        mode_t mode = (mode_t)number_field(record, 2, 8);
        uid_t uid = (uid_t)number_field(record, 3, 10);
        gid_t gid = (gid_t)number_field(record, 4, 10);
        if (!make_folder(&place, mode) || fchownat(place.parent, place.name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) {
            give_up(errno, destination, "%s", "folder");
        }
    }
    place_close(&place);
}

static void run_offer(const struct record *record)
{
    const char *destination = record_field(record, 1);
    mode_t mode = (mode_t)number_field(record, 2, 8);
    struct place place;
    bool found = place_find(&base, destination, CREATE_PARENTS, &place);
    if (!found || (is_missing(&place) && !make_folder(&place, mode))) {
        note("%s is not made: %s", destination, strerror(errno));
    }
    if (found) place_close(&place);
}

static void run_dns(const struct record *record)
{
    mount_dns(&base, record);
}

static const struct {
    const char *name;
    void (*run)(const struct record *record);
} operations[] = {
    {"base", run_base},     {"jail", run_jail},     {"serve", run_serve}, {"tool", run_tool}, {"ensure", run_ensure},
    {"folder", run_folder}, {"offer", run_offer},   {"dns", run_dns},     {"claim", claim},
};

static void run_operation(const struct record *record)
{
    const char *name = record_field(record, 0);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, name) != 0) continue;
        operations[i].run(record);
        return;
    }
    mount_operation *run = system_operation(name);
    if (run == NULL) give_up(0, "mount", "unknown operation \"%s\"", name);
    run(&base, record);
}

int mount_main(int argc, char **argv)
{
    static struct records plan;
    char pid[16];
    if (argc != 2) {
        fprintf(stderr, "usage: rund-jail mount JOURNAL < PLAN\n");
        return EXIT_USAGE;
    }
    /* Nobody may listen any more; what is begun must still come to its end and into the journal. */
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    if (!records_read(STDIN_FILENO, &plan)) give_up(errno, "mount", "plan");
    journal_create(argv[1]);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    journal_step("worker", pid, process_started(getpid()).text);
    for (size_t i = 0; i < plan.count; i++) run_operation(&plan.items[i]);
    return 0;
}
