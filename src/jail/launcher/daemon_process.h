#ifndef RUND_DAEMON_PROCESS_H
#define RUND_DAEMON_PROCESS_H

#include <stdbool.h>

/*
 * Starts `program` with `args` (its name first) as a daemon: a session of its own, in the root folder, `listening` as
 * descriptor 3, stderr appended to the file `log`, and nothing else of ours. containerd reads the starter's stdout and stderr
 * until their last copy is closed, so the daemon must have none. False with errno when it cannot be run.
 */
bool start_daemon(int listening, const char *log, const char *program, char **args);

#endif
