/* Copies of single files, as clones where the file system can. False with errno. */
#ifndef RUND_MOUNT_COPY_H
#define RUND_MOUNT_COPY_H

#include <stdbool.h>

/* Makes the content of `to` that of `from`, from the start to the end. */
bool copy_content(int from, int to);
/* Owner, mode, times and extended attributes; those that the file system of `to` does not take are left out. */
bool copy_attributes(int from, int to);

#endif
