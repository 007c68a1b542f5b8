#ifndef RUND_SHIM_START_H
#define RUND_SHIM_START_H

#include "shim_arguments.h"

#include <stdbool.h>

/*
 * Listens on the shim's socket, starts the daemon, which is `program`, and prints the address. False when the full program had
 * better try, which knows how to tell what is wrong; nothing is left then.
 */
bool shim_start(const struct shim_arguments *arguments, const char *program);

#endif
