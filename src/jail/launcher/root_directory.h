#ifndef RUND_ROOT_DIRECTORY_H
#define RUND_ROOT_DIRECTORY_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether these are the root directory of the calling process: nothing may be jailed, listed or killed there. */
bool is_own_root(const struct stat *directory);
/* Makes `path` the working directory, and nothing more; fails for the root of the host. */
void enter_home(const char *path);
/* Makes `path` the root and the working directory; fails for what is no directory and for the caller's own root. */
void enter_root(const char *path);
/*
 * Makes `path`, in the jail already, the working directory. Missing directories are an error, or with `make` made with
 * 0755 as runc makes them. False when the jailed user has to try again itself, because root may not look there (a FUSE or NFS mount).
 */
bool enter_working_directory(const char *path, bool make);

#endif
