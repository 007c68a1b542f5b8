/* How a process that is on its way into a jail gives up: it tells the shim why and ends. */
#ifndef RUND_FAILURE_H
#define RUND_FAILURE_H

#include <stddef.h>

/* Where fail() reports to. Set once, before anything can fail. */
void failure_reports_to(int control_fd);

/*
 * Sends `error NAME text` and exits: with 127 when something was not found, else with 126, as shells do. `error` is an
 * errno; its text is appended as `: reason`.
 */
__attribute__((noreturn, format(printf, 2, 3))) void fail(int error, const char *format, ...);
/* The same where the format says it all; `error` only gives the name. */
__attribute__((noreturn, format(printf, 2, 3))) void fail_text(int error, const char *format, ...);

/* strerror with a lower-case first letter (`no such file or directory`): what clients of containerd match on. */
void error_text(int error, char *text, size_t size);

/* The name of an errno that the callers map to a code of their own; EIO, which is unknown to them, for any other. */
const char *error_name(int error);

#endif
