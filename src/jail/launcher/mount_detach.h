#ifndef RUND_MOUNT_DETACH_H
#define RUND_MOUNT_DETACH_H

#include <stdbool.h>

/*
 * Starts the clock that all detaching shares: until it is up a busy mount is tried again, then it is detached lazily
 * (Linux) or by force (macOS).
 */
void detach_patience(int milliseconds);
bool detach_patience_is_up(void);

/*
 * Takes the mount `id` off `path` in the folder `base`, and what others have mounted on it since. True also when it is
 * gone already. A mount that has moved with a renamed folder is found by its id.
 */
bool detach(const char *base, const char *path, const char *id);

#endif
