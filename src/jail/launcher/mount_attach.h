/* The kernel's own mounts. All give up on failure and journal what they do. */
#ifndef RUND_MOUNT_ATTACH_H
#define RUND_MOUNT_ATTACH_H

#include "mount_options.h"
#include "mount_path.h"

/* Mounts a file system on `destination`, a folder that is made when missing. */
void attach_filesystem(const struct base *base, const char *destination, const char *type, const char *source,
                       const struct mount_options *options);
/* Binds a folder or file of the host to `destination`, made as the same kind when missing. */
void attach_bind(const struct base *base, const char *destination, const char *source,
                 const struct mount_options *options);
/* Makes the mount that is the base itself read-only. */
void attach_read_only(const struct base *base);
/* The way back, when the mount at `root` still is `id`; what fails is noted. */
void attach_writable(const char *root, const char *id);
/* The path of an open descriptor, for calls that take no descriptors. */
void descriptor_path(int fd, char path[64]);

#endif
