#ifndef RUND_PROCESS_ARGUMENTS_DARWIN_H
#define RUND_PROCESS_ARGUMENTS_DARWIN_H

#include <sys/types.h>

/* The arguments of a process with spaces between them, for free(); NULL when it has none or they cannot be read. */
char *process_arguments(pid_t pid);

#endif
