/* A file server (bindfs) that runs in the foreground as our child and outlives us. */
#ifndef RUND_MOUNT_SERVER_H
#define RUND_MOUNT_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct server {
    const char *program;
    const char *log;
    pid_t pid;
};

/*
 * Runs `program ARGS SOURCE MOUNTPOINT` in a session of its own, its output in the file `log`, and journals it before
 * it does anything. Gives up on failure.
 */
void server_start(struct server *server, const char *program, char **args, size_t arg_count, const char *source,
                  const char *mountpoint, const char *log, const char *destination);
/* Gives up with what the server said when it has ended. */
void server_check(const struct server *server, const char *destination);

#endif
