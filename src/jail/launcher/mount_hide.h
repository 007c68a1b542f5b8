/* Paths of a jail that its processes may not see, or not change. A path that is not there is left alone. */
#ifndef RUND_MOUNT_HIDE_H
#define RUND_MOUNT_HIDE_H

#include "mount_path.h"

/* Shows an empty read-only folder in the place of a folder, and the null device in the place of anything else. */
void hide_path(const struct base *base, const char *path);
/* Makes a folder or file read-only by a bind mount onto itself; what is mounted in a folder stays as it is, as with runc. */
void protect_path(const struct base *base, const char *path);

#endif
