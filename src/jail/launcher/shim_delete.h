#ifndef RUND_SHIM_DELETE_H
#define RUND_SHIM_DELETE_H

#include "shim_arguments.h"

#include <stdbool.h>

/* Answers `delete` where the daemon has taken back everything; false when there is something left to do or to tell. */
bool shim_delete_clean(const struct shim_arguments *arguments);

#endif
