#ifndef RUND_MOUNT_DEVICES_H
#define RUND_MOUNT_DEVICES_H

#include "mount_path.h"
#include "mount_record.h"

/* Puts the device nodes and links into `destination` that the specification promises every Linux container. */
void devices_default(const struct base *base, const char *destination);
/* Makes one more: fields `node PATH TYPE MAJOR MINOR MODE UID GID`, numbers decimal. */
void devices_make(const struct base *base, const struct record *record);

#endif
