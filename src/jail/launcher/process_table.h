/* The system's processes as `ps` and `kill` see them. One implementation for each system. */
#ifndef RUND_PROCESS_TABLE_H
#define RUND_PROCESS_TABLE_H

#include "jail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_list {
    pid_t *pids;
    size_t count;
};

struct process_details {
    pid_t parent;
    uid_t uid;
    /* As ps shows it: R, S, D, T, ... */
    char state;
    unsigned long threads;
    uint64_t resident_bytes;
    /* Its share of memory: what several processes have in common counts for each in part, or for none. */
    uint64_t memory_bytes;
    uint64_t user_microseconds;
    uint64_t system_microseconds;
    /* Of its children that have ended and that it waited for, with theirs. */
    uint64_t child_user_microseconds;
    uint64_t child_system_microseconds;
    /* Allocated; arguments with spaces between them, or the name in brackets. */
    char *command;
};

/* As much as is needed to stop a process and to know that it stands. */
struct process_activity {
    pid_t parent;
    /* All of its threads are stopped. */
    bool stopped;
    /*
     * All of its threads are stopped or cannot be interrupted now (the parent of a vfork, a hung disk): once SIGSTOP has
     * been sent, no more of its own code runs.
     */
    bool halted;
};

/* All processes of the system, for free(list->pids); false with errno. Those that are made meanwhile may be missing. */
bool process_list_all(struct process_list *list);
/* The pid that the system gave out last, or -1 where it does not tell: while it stays, no process has been made. */
long process_last_made(void);
/* Whether a process's root directory is `root` or lies below it; false also for one that has ended. */
bool process_has_root(pid_t pid, const struct jail_root *root);
/*
 * Whether any of a process's user ids is `uid`, the real one also of a program that is set-uid to somebody else; false also
 * for one that has ended.
 */
bool process_has_user(pid_t pid, uid_t uid);
/* False for a process that has ended, also for one that was not waited for yet. */
bool process_describe(pid_t pid, struct process_details *details);
/* The same for what it does; unlike the description it cannot be held up by the process. */
bool process_observe(pid_t pid, struct process_activity *activity);
/*
 * Signals a process if it is in the jail, without hitting another one that gets its pid meanwhile where the system
 * allows that. Returns whether it is in the jail and has not ended.
 */
bool process_signal_in_jail(const struct jail *jail, pid_t pid, int signal);

#endif
