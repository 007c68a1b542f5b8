/* macOS mounts nothing by itself for us: its own programs do it all (mount_tool.h), and bindfs. */
#include "mount_operation.h"

#include <stddef.h>

mount_operation *system_operation(const char *name)
{
    (void)name;
    return NULL;
}

void system_undo_read_only(const struct record *step)
{
    (void)step;
}
