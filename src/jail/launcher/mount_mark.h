/* What making a mount point needs of the system. */
#ifndef RUND_MOUNT_MARK_H
#define RUND_MOUNT_MARK_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * A mark on a file or folder says that some jail has made it as a mount point. Only Linux has marks: there jails may
 * share a folder. A file system that takes no such attributes knows no marks.
 */
void mark_set(int parent, const char *name);
bool mark_is_set(int fd);

/* False with errno; macOS has no nodes of its own but those of devfs. */
bool make_node(int parent, const char *name, mode_t mode, dev_t number);

#endif
