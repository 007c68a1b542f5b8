/* The bootstrap message of containerd 2.3 and later, and its answer (proto/containerd/runtime/bootstrap/v1). */
#ifndef RUND_SHIM_BOOTSTRAP_H
#define RUND_SHIM_BOOTSTRAP_H

#include "shim_arguments.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct shim_bootstrap {
    /* containerd's socket for events; "" when the message names none. */
    char ttrpc_address[PATH_MAX];
    /* As src/common/log_line.ts has it. */
    const char *log_level;
};

/*
 * Reads a message for the container of the arguments. False for anything else, and for what is out of the ordinary, such as
 * another folder for sockets: that is for src/shim/bootstrap.ts.
 */
bool shim_bootstrap_read(struct shim_bootstrap *bootstrap, const void *message, size_t length,
                         const struct shim_arguments *arguments);

/* Writes the answer for a daemon at `address` to standard output. */
bool shim_bootstrap_answer(const char *address);

#endif
