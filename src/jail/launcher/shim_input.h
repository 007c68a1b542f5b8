/* What containerd writes to the standard input of a shim's `start`. */
#ifndef RUND_SHIM_INPUT_H
#define RUND_SHIM_INPUT_H

#include <stdbool.h>

/*
 * Whether standard input may hold the bootstrap message of containerd 2.3 and later, for the container `id`: the options that
 * older ones write do not name it. Standard input is put back then, as a file made in `bundle` that has no name any more.
 * Waits for half a second at most, should nobody end the input.
 */
bool shim_input_is_bootstrap(const char *id, const char *bundle);

#endif
