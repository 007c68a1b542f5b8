/* Mounts that a program of the system makes, as macOS's mount_devfs and mount_tmpfs: it mounts and ends. */
#ifndef RUND_MOUNT_TOOL_H
#define RUND_MOUNT_TOOL_H

#include "mount_path.h"
#include "mount_record.h"

/*
 * Carries out `tool DEST MODE UID GID LOG PROGRAM ARG...`: runs PROGRAM with the mount point's path behind the
 * arguments, its output in LOG, waits for its end and for the mount, and gives the new file system's root that octal
 * mode and that owner; those that are "" stay as they come. Gives up on failure.
 */
void mount_by_tool(const struct base *base, const struct record *record);

#endif
