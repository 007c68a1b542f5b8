#include "freeze_jail.h"

#include "clock.h"
#include "jail_members.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* As for a kill: what forks and ends while we read the table is missed with its child, unless none was made meanwhile. */
enum { QUIET_LOOKS = 3 };

bool pid_set_add(struct pid_set *set, pid_t pid)
{
    /* Grows at each power of two. */
    if ((set->count & (set->count - 1)) == 0) {
        pid_t *pids = realloc(set->pids, (set->count > 0 ? set->count * 2 : 1) * sizeof *pids);
        if (pids == NULL) return false;
        set->pids = pids;
    }
    set->pids[set->count++] = pid;
    return true;
}

bool pid_set_has(const struct pid_set *set, pid_t pid)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->pids[i] == pid) return true;
    }
    return false;
}

struct freeze {
    const struct jail *jail;
    struct pid_set stopped;
    struct pid_set *bystanders;
    /* How many were not at rest in this look. */
    size_t running;
};

static bool stop(struct freeze *freeze, pid_t pid, const struct process_activity *activity)
{
    bool ours = pid_set_has(&freeze->stopped, pid);
    if (!ours && activity->stopped) return pid_set_add(freeze->bystanders, pid);
    if (ours && activity->halted) return true;
    /* Remembered first, so that nothing is stopped of which a later look would not know. */
    if (!ours && !pid_set_add(&freeze->stopped, pid)) return false;
    if (process_signal_in_jail(freeze->jail, pid, SIGSTOP)) freeze->running++;
    return true;
}

/* Parents first: a shell that still runs would take a child that stops for a suspended job. */
static bool stop_in_order(struct freeze *freeze)
{
    struct jail_members members;
    if (!jail_members_look(freeze->jail, &members)) return false;
    bool known = true;
    for (size_t i = 0; known && i < members.count; i++) {
        known = stop(freeze, members.list[i].pid, &members.list[i].activity);
    }
    free(members.list);
    return known;
}

/* As soon as they are seen, the youngest first: what was not stopped by then forks and ends, and they live longest. */
static bool stop_at_once(struct freeze *freeze)
{
    struct process_list all;
    if (!process_list_all(&all)) return false;
    bool known = true;
    for (size_t i = all.count; known && i-- > 0;) {
        struct process_activity activity;
        pid_t pid = all.pids[i];
        if (pid <= 1 || pid == getpid() || !process_in_jail(freeze->jail, pid)) continue;
        if (process_observe(pid, &activity)) known = stop(freeze, pid, &activity);
    }
    free(all.pids);
    return known;
}

bool freeze_jail(const struct jail *jail, long timeout, struct pid_set *bystanders)
{
    /* A jail that forks as fast as it can must not win by having more processes that want the processor. */
    setpriority(PRIO_PROCESS, 0, -20);
    int64_t deadline = clock_milliseconds() + timeout;
    struct freeze freeze = {.jail = jail, .bystanders = bystanders};
    int quiet = 0;
    for (bool first = true; quiet < QUIET_LOOKS; first = false) {
        long last_made = process_last_made();
        freeze.running = 0;
        bystanders->count = 0;
        bool known = first ? stop_in_order(&freeze) : stop_at_once(&freeze);
        quiet = known && freeze.running == 0 ? quiet + 1 : 0;
        if (quiet > 0 && last_made >= 0 && process_last_made() == last_made) quiet = QUIET_LOOKS;
        if (quiet > 0) continue;
        if (clock_milliseconds() >= deadline) break;
        poll(NULL, 0, 1);
    }
    free(freeze.stopped.pids);
    if (quiet < QUIET_LOOKS) thaw_jail(jail, bystanders);
    return quiet == QUIET_LOOKS;
}

bool thaw_jail(const struct jail *jail, const struct pid_set *except)
{
    struct jail_members members;
    if (!jail_members_look(jail, &members)) return false;
    /* Children first, for the same reason: nobody sees that they were stopped. */
    for (size_t i = members.count; i-- > 0;) {
        pid_t pid = members.list[i].pid;
        if (!pid_set_has(except, pid)) process_signal_in_jail(jail, pid, SIGCONT);
    }
    free(members.list);
    return true;
}
