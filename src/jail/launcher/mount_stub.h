/* Mount points that the image does not have: made, journaled, and taken away again when nobody used them. */
#ifndef RUND_MOUNT_STUB_H
#define RUND_MOUNT_STUB_H

#include "mount_path.h"
#include "mount_record.h"

#include <stdbool.h>
#include <sys/types.h>

/* Stubs in this file system need no journal: it is a mount of ours that goes away with all in it. */
void stub_forget_on(dev_t device);

enum { STUB_DIRECTORY = 'd', STUB_FILE = 'f', STUB_NODE = 'n', STUB_SOCKET = 's' };

/*
 * Makes `name` (whose path in the base is `path`) in `parent`, modes exactly as given; for a node also its type and
 * number. False with errno.
 */
bool stub_make(const struct base *base, const char *path, int parent, const char *name, int kind, mode_t mode,
               dev_t number);
/* The same for a socket that anybody may connect to: binds it to `address`, whose folder is the place's and the current one. */
struct sockaddr_un;
bool stub_bind(const struct base *base, const struct place *place, int socket, const struct sockaddr_un *address);
/*
 * What is there may be the stub of another jail that shares the folder. Then it becomes ours too, and the last of the
 * jails removes it: before that it is busy.
 */
void stub_adopt(const struct base *base, const char *path, int parent, const char *name);
/*
 * Keeps others that share the folder from making and removing stubs in it, until this process ends or closes what is
 * returned. It waits a moment only, since a jail could hold the lock for ever.
 */
int stub_lock(const char *folder);
/* Takes back a `made` record, or a `make` record that no `made` followed. */
void stub_remove(const struct record *step, bool done);

/* The time something last changed, as text. */
struct stat;
void modified_time(const struct stat *status, char text[48]);
/* The time a folder last changed as text, and the way back, which leaves the time of access alone. */
void folder_time(int folder, char text[48]);
void folder_time_restore(int folder, const char *from, const char *to);

#endif
