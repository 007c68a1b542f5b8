/*
 * The shim's programs as containerd runs them: containerd-shim-rund-v1 and -v2 are names of this launcher.
 *
 * containerd waits for `start` before each container and for `delete` after it. In the usual case both have next to nothing to
 * do, and loading the runtime of the full program takes ten times as long as doing it. So they are done here; whatever is out
 * of the ordinary is handed to the full program, which can do all of it.
 */
#ifndef RUND_SHIM_FRONT_H
#define RUND_SHIM_FRONT_H

#include <stdbool.h>

/* Whether the program was called by a shim's name. */
bool is_shim_name(const char *name);
/* Does what containerd asks for, or becomes the full program. */
int shim_front(int argc, char **argv);

#endif
