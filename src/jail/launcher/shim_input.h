/* What containerd writes to the standard input of a shim's `start`. */
#ifndef RUND_SHIM_INPUT_H
#define RUND_SHIM_INPUT_H

#include "shim_arguments.h"
#include "shim_bootstrap.h"

enum shim_input {
    /* Nothing that `start` has to know: containerd before 2.3 writes the runtime's options, or nothing. */
    INPUT_PLAIN,
    INPUT_BOOTSTRAP,
    /* It names the container, and is no bootstrap message that this program reads. */
    INPUT_UNCLEAR,
};

/*
 * Reads standard input to its end; waits for half a second at most, should nobody end it. What names the container is put
 * back, as a file made in `bundle` that has no name any more: the full program may have to read it again.
 */
enum shim_input shim_input_read(const struct shim_arguments *arguments, const char *bundle,
                                struct shim_bootstrap *bootstrap);

#endif
