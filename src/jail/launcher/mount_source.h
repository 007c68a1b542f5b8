#ifndef RUND_MOUNT_SOURCE_H
#define RUND_MOUNT_SOURCE_H

#include <sys/stat.h>

/* What a bind mount shows; gives up when nothing is there. */
void bind_source_status(const char *destination, const char *source, struct stat *status);

#endif
