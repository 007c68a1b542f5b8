/* The few things that Linux and macOS do differently. */
#ifndef RUND_PLATFORM_H
#define RUND_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Closes every descriptor from `lowest` on in one go; false when the system has no way to. */
bool platform_close_from(int lowest);

/* Sets the supplementary groups of the calling process, before its gid is set; false with errno. */
bool platform_set_groups(gid_t gid, const gid_t *groups, size_t count);

/* getgroups(2) of the kernel, which is not what macOS's library gives under that name. */
int platform_get_groups(int size, gid_t *groups);

/*
 * Opens a new pty whose name is known inside the jail with that root (NULL: the host's own) where that is possible, both ends close-on-exec. False with errno.
 */
bool platform_open_pty(const char *root, int *master, int *slave);

/* Path of the running program itself, without links. */
bool platform_own_path(char *path, size_t size);

/* The most open files that a process with this hard limit may have. */
rlim_t platform_most_files(rlim_t hard);

#endif
