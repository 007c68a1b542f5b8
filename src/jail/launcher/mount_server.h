/*
 * Programs that mount: a file server (bindfs) that runs in the foreground and outlives us, or a tool of the system. And
 * the relay of a jail's DNS, which outlives us too.
 */
#ifndef RUND_MOUNT_SERVER_H
#define RUND_MOUNT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* `PROGRAM ARGS [SOURCE] MOUNTPOINT`, its output in the file `log`. `name` is what errors call it. */
struct server_command {
    const char *name;
    /* The kind of its step in the journal. */
    const char *step;
    const char *program;
    char **args;
    size_t arg_count;
    /* NULL when there is none. */
    const char *source;
    const char *mountpoint;
    const char *log;
    /* Its standard input; 0 for none. */
    int input;
};

struct server {
    const char *name;
    const char *log;
    pid_t pid;
};

/* Runs it in a session of its own and journals it before it does anything. Gives up on failure. */
void server_start(struct server *server, const struct server_command *command, const char *destination);
/* Gives up with what the server said when it has ended. */
void server_check(const struct server *server, const char *destination);
/* Whether it has ended well; gives up with what it said when it has failed. */
bool server_succeeded(const struct server *server, const char *destination);

#endif
