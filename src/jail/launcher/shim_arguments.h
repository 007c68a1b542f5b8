#ifndef RUND_SHIM_ARGUMENTS_H
#define RUND_SHIM_ARGUMENTS_H

#include <stdbool.h>

/* What containerd calls a shim with; see src/shim/arguments.ts, which can read all of it. */
struct shim_arguments {
    const char *name;
    const char *action;
    const char *namespace;
    const char *id;
    const char *address;
    /* NULL before containerd 2.3 at start: the working directory is the bundle then. */
    const char *bundle;
    bool debug;
};

/* False for anything but the plain forms that containerd itself uses, with names and paths that need no second look. */
bool shim_arguments_read(struct shim_arguments *arguments, char **argv);

#endif
