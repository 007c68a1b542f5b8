/*
 * `rund-jail mount JOURNAL`: carries out a plan that comes on standard input, a record for each operation in order.
 *
 *   base PATH                          what follows is inside that folder
 *   jail PATH                          the same, and it is going to be the jail's root
 *   mount DEST TYPE SOURCE OPTION...   a file system of the kernel's
 *   bind DEST SOURCE OPTION...         a bind mount of the kernel's
 *   serve DEST ...                     a bind mount by bindfs (mount_serve.h)
 *   ensure DEST SOURCE                 only the mount point: a file where SOURCE is no folder
 *   devices DEST                       the default device nodes
 *   node PATH TYPE MAJOR MINOR MODE UID GID   one more
 *   hide PATH                          shows nothing where the jail has something (mount_hide.h)
 *   protect PATH                       makes it read-only there
 *   claim FOLDER PATH JOURNAL          keeps other bundles off the folder PATH (mount_claim.h)
 *   readonly                           makes the jail's root read-only
 *
 * The first failure ends it; what was done stands in the journal for `rund-jail umount JOURNAL` to take back.
 */
#include "mount_attach.h"

#ifdef __linux__

#include "mount_claim.h"
#include "mount_devices.h"
#include "mount_hide.h"
#include "mount_journal.h"
#include "mount_options.h"
#include "mount_process.h"
#include "mount_report.h"
#include "mount_serve.h"
#include "mount_stub.h"
#include "root_directory.h"
#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct base base = {.fd = -1};

static void run_base(const struct record *record)
{
    base.path = record_field(record, 1);
    base.fd = open(base.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base.fd < 0) give_up(errno, "root", "%s", base.path);
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

static void run_mount(const struct record *record)
{
    struct mount_options options;
    const char *destination = record_field(record, 1);
    mount_options_read(&options, record, 4, destination);
    attach_filesystem(&base, destination, record_field(record, 2), record_field(record, 3), &options);
    free(options.data);
}

static void run_bind(const struct record *record)
{
    struct mount_options options;
    const char *destination = record_field(record, 1);
    mount_options_read(&options, record, 3, destination);
    attach_bind(&base, destination, record_field(record, 2), &options);
    free(options.data);
}

static void run_serve(const struct record *record)
{
    serve(&base, record);
}

static void run_ensure(const struct record *record)
{
    const char *destination = record_field(record, 1), *source = record_field(record, 2);
    struct place place;
    struct stat status = {.st_mode = S_IFDIR};
    if (source[0] != '\0') close(open_bind_source(destination, source, &status));
    enum create create = S_ISDIR(status.st_mode) ? CREATE_DIRECTORY : CREATE_FILE;
    if (!place_find(&base, destination, create, &place)) give_up(errno, destination, "%s", "mount point");
    place_close(&place);
}

static void run_devices(const struct record *record)
{
    devices_default(&base, record_field(record, 1));
}

static void run_node(const struct record *record)
{
    devices_make(&base, record);
}

static void run_hide(const struct record *record)
{
    hide_path(&base, record_field(record, 1));
}

static void run_protect(const struct record *record)
{
    protect_path(&base, record_field(record, 1));
}

static void run_read_only(const struct record *record)
{
    (void)record;
    attach_read_only(&base);
}

static const struct {
    const char *name;
    void (*run)(const struct record *record);
} operations[] = {
    {"base", run_base},       {"jail", run_jail}, {"mount", run_mount}, {"bind", run_bind}, {"serve", run_serve},
    {"ensure", run_ensure},   {"claim", claim},   {"devices", run_devices}, {"node", run_node},
    {"readonly", run_read_only}, {"hide", run_hide}, {"protect", run_protect},
};

static void run_operation(const struct record *record)
{
    const char *name = record_field(record, 0);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            operations[i].run(record);
            return;
        }
    }
    give_up(0, "mount", "unknown operation \"%s\"", name);
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

#endif
