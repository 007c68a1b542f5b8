#ifndef RUND_MOUNT_OVERLAY_H
#define RUND_MOUNT_OVERLAY_H

/*
 * The kernel takes one page of options, and an image of many layers has more lower folders than fit. Then this changes
 * to the folder that all of them are in and returns the options with paths relative to it; else they come back as they
 * are. They stay until the next call. The caller goes back to "/" after the mount.
 */
const char *overlay_shorten(const char *type, const char *data);

#endif
