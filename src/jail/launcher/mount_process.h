/* Processes told apart for longer than they live: a pid alone may be somebody else's by now. */
#ifndef RUND_MOUNT_PROCESS_H
#define RUND_MOUNT_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* When a process started, as the system counts; "" when there is none. A zombie counts as gone. */
struct process_start {
    char text[24];
};
struct process_start process_started(pid_t pid);

enum process_wait { PROCESS_ENDED, PROCESS_RUNS, PROCESS_UNKNOWN };
/*
 * Waits for the end of any process, also of one that is not our child, `milliseconds` at most. Whose pid it is now has to
 * be looked at by `is_gone` after the wait has begun, or it might be that of another one. Unknown where the system does
 * not tell of ends.
 */
enum process_wait process_await(pid_t pid, bool (*is_gone)(pid_t pid, const char *started), const char *started,
                                int milliseconds);

/*
 * Waits until the process that has that pid and start is gone: `milliseconds` by itself, then it is told to terminate,
 * then it is killed. False when it is still there after all.
 */
bool process_end(pid_t pid, const char *started, int milliseconds);

#endif
