/* Copies of single files, as clones where the file system can. False with errno. */
#ifndef RUND_MOUNT_COPY_H
#define RUND_MOUNT_COPY_H

#include <stdbool.h>

/* Copies one file to the new name `name` with all that belongs to it. */
bool copy_file(int from, int folder, const char *name);
/* Makes the content of `to` that of `from`, from the start to the end. */
bool copy_content(int from, int to);
/* Owner, mode, times and extended attributes; those that the file system of `to` does not take are left out. */
bool copy_attributes(int from, int to);

/* The systems' own: a clone under the new name `name` (macOS), or in place of the content of `to` (Linux). */
bool copy_clone(int from, int folder, const char *name);
bool copy_clone_into(int from, int to);

#endif
