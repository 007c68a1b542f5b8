#include "kill_jail.h"

#include "clock.h"
#include "process_table.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * A process that forks to a lower pid and ends while we read the table is missed with its child, so one empty look proves
 * nothing, unless no process at all was made meanwhile.
 */
enum { EMPTY_LOOKS = 3 };

static bool signal_all(const struct jail *jail, int signal, pid_t except, bool youngest_first, size_t *count)
{
    struct process_list list;
    *count = 0;
    if (!process_list_all(&list)) return false;
    for (size_t i = 0; i < list.count; i++) {
        pid_t pid = list.pids[youngest_first ? list.count - 1 - i : i];
        if (pid <= 1 || pid == except || pid == getpid()) continue;
        if (process_signal_in_jail(jail, pid, signal)) ++*count;
    }
    free(list.pids);
    return true;
}

bool kill_jail(const struct jail *jail, int signal, pid_t except, size_t *count)
{
    return signal_all(jail, signal, except, false, count);
}

bool kill_until_gone(const struct jail *jail, pid_t except, long timeout)
{
    /* A jail that forks as fast as it can must not win by having more processes that want the processor. */
    setpriority(PRIO_PROCESS, 0, -20);
    int64_t deadline = clock_milliseconds() + timeout;
    size_t before = 0;
    bool first = true;
    for (int empty = 0; empty < EMPTY_LOOKS; first = false) {
        size_t count;
        long last_made = process_last_made();
        /*
         * First the old ones, before they can see what becomes of their children. What is there later has been forked
         * meanwhile; of that the youngest live longest from now on.
         */
        bool known = signal_all(jail, SIGKILL, except, !first, &count);
        empty = known && count == 0 ? empty + 1 : 0;
        if (empty > 0 && last_made >= 0 && process_last_made() == last_made) return true;
        if (empty > 0) continue;
        if (clock_milliseconds() >= deadline) return false;
        /* No new ones: what is left needs time to die, not more signals. */
        if (count <= before) poll(NULL, 0, 1);
        before = count;
    }
    return true;
}
