/* The operations of a plan that only one system has; those of all systems stand in mount_main.c. */
#ifndef RUND_MOUNT_OPERATION_H
#define RUND_MOUNT_OPERATION_H

#include "mount_path.h"
#include "mount_record.h"

/* Carries out one record of the plan in the folder `base`, or gives up. */
typedef void mount_operation(const struct base *base, const struct record *record);

/* What this system does for `name`, or NULL. */
mount_operation *system_operation(const char *name);

/* Takes back a `readonly` step, which only `system_operation` makes. */
void system_undo_read_only(const struct record *step);

#endif
