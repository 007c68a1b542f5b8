/* Where a shim's files are. */
#ifndef RUND_SHIM_PATHS_H
#define RUND_SHIM_PATHS_H

#include "shim_arguments.h"

#include <stdbool.h>
#include <stddef.h>

/* Where containerd's shims keep their sockets, whatever state folder containerd itself was given. */
extern const char shim_socket_folder[];

/* The socket that containerd expects, false when the path does not fit. */
bool shim_socket_path(const struct shim_arguments *arguments, char *path, size_t size);
/* A file of the bundle, false when the path does not fit. */
bool shim_bundle_path(const char *bundle, const char *name, char *path, size_t size);

#endif
