/*
 * What the shim asks `exec` for: records `key value`, each ended by a NUL, then an empty record.
 *
 *   root PATH           host path that becomes the root directory
 *   home PATH           in place of `root`: a folder of the host to be in, without making it the root directory; cwd is
 *                       then a path of the host, and is entered, and made, as the user
 *   profile NAME        with `home`: a shell script in it that is read before the program runs, when it is there
 *   arg TEXT            one for each argument, in order; the first names the program
 *   env NAME=VALUE      one for each variable, in order
 *   cwd PATH            in the jail; made when missing
 *   require cwd         do not make it: a missing one is an error
 *   uid N, gid N        the user; both are needed
 *   group N             one for each supplementary group
 *   umask N             decimal; 18 (022) when left out
 *   limit TYPE SOFT HARD   TYPE as in RLIMIT_NOFILE; numbers or `unlimited`
 *   files N             soft limit of open files where no `limit` names it: what runs the shim has raised its own
 *   terminal W H        give it a terminal of that size; 0 0 leaves the size unset
 *   program PATH        what is run in place of the first argument, which is then only its name
 *   input PATH          a fifo that becomes the standard input, without `terminal`; see input_fifo.h
 *   gate PATH           a socket to make: told to `leave`, the process waits there for whoever starts it, without the shim
 *   console PATH        with `terminal`: the master goes to the one who listens there, and nobody relays
 *   foreground 1        with `terminal`: the streams are a person's terminal, which becomes raw and gives the size
 *   keep N              so many descriptors, from the one after the control descriptor on, go to the program from 3 on
 *   listeners N         the first N of those are sockets, which the program finds by LISTEN_FDS and LISTEN_PID
 *   seatbelt PROFILE    on macOS alone: a profile's text, or the absolute path of one on the host
 *
 * And on Linux alone:
 *
 *   capabilities B E I P A   bounding, effective, inheritable, permitted, ambient: decimal numbers, bit n is
 *                            capability n; without it the process keeps what its user has
 *   no-new-privileges 1      no program that it runs gains rights by being set-uid
 *   oom-score N              -1000 to 1000
 *   io-priority N            as ioprio_set(2) takes it
 *   scheduler POLICY NICE PRIORITY FLAGS RUNTIME DEADLINE PERIOD   as sched_setattr(2) takes them
 *   personality N            as personality(2) takes it
 *   cpus LIST                the processors that it may run on, as in 0-3,7
 *   memory-policy MODE LIST  as set_mempolicy(2) takes it, the nodes as a list; `-` for none
 *
 * A key that is not known is an error: a launcher must not silently leave out what a newer shim asks for.
 */
#ifndef RUND_REQUEST_H
#define RUND_REQUEST_H

#include "control.h"
#include "settings.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* As many descriptors as any client could mean to hand on. */
enum { KEPT_LIMIT = 4096 };

struct request_limit {
    int resource;
    const char *type;
    struct rlimit value;
};

struct request {
    /* One of both. */
    const char *root, *home;
    /* NULL for none. */
    const char *profile;
    const char *cwd;
    bool require_cwd;
    /* NULL for the first argument. */
    const char *program;
    /* NULL-terminated, as execve takes them. */
    char **args;
    size_t arg_count;
    char **env;
    size_t env_count;
    bool has_uid, has_gid;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    bool has_umask;
    mode_t umask;
    struct request_limit *limits;
    size_t limit_count;
    bool has_files;
    rlim_t files;
    bool terminal;
    unsigned short width, height;
    /* NULL for none. */
    const char *input;
    const char *gate;
    const char *console;
    bool foreground;
    bool has_kept;
    int kept;
    int listeners;
    /* NULL for none. */
    const char *seatbelt;
    struct settings settings;
};

/* Reads a whole request or fails (failure.h). An end before the first byte ends the process: the shim is gone. */
void request_read(struct request *request, struct control *control);

#endif
