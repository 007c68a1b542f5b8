#include "mount_process.h"

#include <errno.h>
#include <libproc.h>
#include <stdio.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <time.h>
#include <unistd.h>

struct process_start process_started(pid_t pid)
{
    struct process_start start = {""};
    struct proc_bsdinfo process;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process) != (int)sizeof process) return start;
    if (process.pbi_status == SZOMB) return start;
    unsigned long long seconds = process.pbi_start_tvsec, micros = process.pbi_start_tvusec;
    snprintf(start.text, sizeof start.text, "%llu.%06llu", seconds, micros);
    return start;
}

/* One that has ended already, but is not waited for by its parent yet, is said to have no such process either. */
static enum process_wait await_on(int queue, pid_t pid, bool (*is_gone)(pid_t pid, const char *started),
                                  const char *started, int milliseconds)
{
    struct kevent event;
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    EV_SET(&event, (uintptr_t)pid, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
    if (kevent(queue, &event, 1, NULL, 0, NULL) != 0) return errno == ESRCH ? PROCESS_ENDED : PROCESS_UNKNOWN;
    if (is_gone(pid, started)) return PROCESS_ENDED;
    int found = kevent(queue, NULL, 0, &event, 1, &limit);
    return found > 0 ? PROCESS_ENDED : found == 0 ? PROCESS_RUNS : PROCESS_UNKNOWN;
}

enum process_wait process_await(pid_t pid, bool (*is_gone)(pid_t pid, const char *started), const char *started,
                                int milliseconds)
{
    int queue = kqueue();
    if (queue < 0) return PROCESS_UNKNOWN;
    enum process_wait result = await_on(queue, pid, is_gone, started, milliseconds);
    close(queue);
    return result;
}
