/*
 * `rund-jail umount JOURNAL`: takes back what the journal tells, the last step first, and removes the journal. It only
 * believes what it can check: a mount by its id, a stub by its inode, a process by its start. So it may run at any
 * time, twice, and after any crash. It exits with 1 when something could not be taken back, and with 3 when there is no
 * journal: everything is taken back then, unless somebody else has removed it.
 */
#include "mount_undo.h"

#include "mount_claim.h"
#include "mount_detach.h"
#include "mount_identity.h"
#include "mount_journal.h"
#include "mount_operation.h"
#include "mount_place.h"
#include "mount_process.h"
#include "mount_report.h"
#include "mount_stub.h"
#include "subcommand.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long busy mounts are waited for, all together, and a file server after its mount is gone. */
enum { BUSY_MILLISECONDS = 1000, SERVER_MILLISECONDS = 500 };
/* How long file servers may take to answer what we ask in their mounts, all together. */
enum { ANSWER_MILLISECONDS = 1500 };
enum { EXIT_NO_JOURNAL = 3 };

static bool is_kind(const struct record *record, const char *kind)
{
    return strcmp(record_field(record, 0), kind) == 0;
}

/* Whether the step after this one says that it was done. */
static bool is_followed_by(const struct records *records, size_t index, const char *kind)
{
    return index + 1 < records->count && is_kind(&records->items[index + 1], kind);
}

/* Killed between the mount and its record: what is on top there now and was not before is ours. */
static bool undo_mount_intent(const struct record *step)
{
    const char *base = record_field(step, 1), *path = record_field(step, 2);
    struct mount_id top = mount_id_at(base, path);
    if (top.text[0] == '\0' || mount_is_same(top.text, record_field(step, 3))) return true;
    return detach(base, path, top.text);
}

/* A file server ends by itself when its mount has gone, a relay never does. */
static bool undo_process(const struct record *step)
{
    pid_t pid = (pid_t)strtol(record_field(step, 1), NULL, 10);
    bool gone = process_end(pid, record_field(step, 2), is_kind(step, "child") ? SERVER_MILLISECONDS : 0);
    if (!gone) note("%s %d stays", is_kind(step, "child") ? "file server" : "relay", (int)pid);
    return gone;
}

static bool undo_step(const struct records *records, size_t index)
{
    const struct record *step = &records->items[index];
    if (is_kind(step, "mounted")) return detach(record_field(step, 1), record_field(step, 2), record_field(step, 3));
    if (is_kind(step, "mount")) return is_followed_by(records, index, "mounted") || undo_mount_intent(step);
    if (is_kind(step, "made")) stub_remove(step, true);
    if (is_kind(step, "make") && !is_followed_by(records, index, "made")) stub_remove(step, false);
    if (is_kind(step, "readonly")) system_undo_read_only(step);
    if (is_kind(step, "child") || is_kind(step, "relay")) return undo_process(step);
    if (is_kind(step, "placed") && index > 0) place_write_back(step - 1, step);
    if (is_kind(step, "place")) return place_take_back(step, is_followed_by(records, index, "placed") ? step + 1 : NULL);
    if (is_kind(step, "scrap")) unlink(record_field(step, 1));
    if (is_kind(step, "claim")) claim_release(step);
    return true;
}

/* Marks which steps an earlier undo, cut short, has taken back already. */
static bool *read_marks(const struct records *records)
{
    bool *undone = calloc(records->count + 1, sizeof *undone);
    if (undone == NULL) give_up(ENOMEM, "umount", "%s", "journal");
    for (size_t i = 0; i < records->count; i++) {
        if (!is_kind(&records->items[i], "undone")) continue;
        size_t number = strtoul(record_field(&records->items[i], 1), NULL, 10);
        if (number < records->count) undone[number] = true;
    }
    return undone;
}

static bool undo_rest(const struct records *records, bool *undone)
{
    bool all = true;
    for (size_t i = records->count; i-- > 0;) {
        if (undone[i]) continue;
        undone[i] = undo_step(records, i);
        if (undone[i]) journal_undone(i);
        else all = false;
    }
    return all;
}

/*
 * No path leads to what is mounted inside of a root whose file server has died. It goes with that root, which comes
 * later, so what has failed is looked at once more.
 */
static bool undo_all(const struct records *records)
{
    bool *undone = read_marks(records);
    bool all = undo_rest(records, undone) || undo_rest(records, undone);
    free(undone);
    return all;
}

static void end_servers(const struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *step = &records->items[i];
        if (is_kind(step, "child")) {
            process_end((pid_t)strtol(record_field(step, 1), NULL, 10), record_field(step, 2), 0);
        }
    }
}

/*
 * A file server that hangs would hang us in any look into its mount, where only its end helps. So another process ends
 * the servers when we take too long. Returns 0 when there are none.
 */
static pid_t watch_servers(const struct records *records)
{
    bool any = false;
    for (size_t i = 0; i < records->count; i++) any = any || is_kind(&records->items[i], "child");
    pid_t watcher = any ? fork() : 0;
    if (!any || watcher != 0) return watcher;
    /* Whoever reads our answers, or wants the journal's lock when we are killed, must not wait for this process. */
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    close(journal_fd());
    nanosleep(&(struct timespec){.tv_sec = ANSWER_MILLISECONDS / 1000, .tv_nsec = ANSWER_MILLISECONDS % 1000 * 1000000L},
              NULL);
    end_servers(records);
    _exit(0);
}

int undo_journal(const char *path)
{
    static struct records records;
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    if (!journal_open(path, &records)) return EXIT_NO_JOURNAL;
    detach_patience(BUSY_MILLISECONDS);
    pid_t watcher = watch_servers(&records);
    bool all = undo_all(&records);
    if (watcher > 0) {
        kill(watcher, SIGKILL);
        waitpid(watcher, NULL, 0);
    }
    if (!all) return 1;
    return unlink(path) == 0 || errno == ENOENT ? 0 : 1;
}

int umount_main(int argc, char **argv)
{
    if (argc == 2) return undo_journal(argv[1]);
    fprintf(stderr, "usage: rund-jail umount JOURNAL\n");
    return EXIT_USAGE;
}
