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

/*
 * Waits until the process that has that pid and start is gone: `milliseconds` by itself, then it is told to terminate,
 * then it is killed. False when it is still there after all.
 */
bool process_end(pid_t pid, const char *started, int milliseconds);

#endif
