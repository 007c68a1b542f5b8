/*
 * Finding a path inside a root without ever leaving it. Each component is opened relative to the folder that is held
 * open already and never followed as a link by the kernel; what a link says is walked by ourselves, an absolute one
 * from the root on, and `..` goes back to the folder we came from. So neither an image's links nor a process that
 * swaps folders and links meanwhile leads outside.
 */
#ifndef RUND_MOUNT_PATH_H
#define RUND_MOUNT_PATH_H

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Flags to open a folder or anything else with, only to look at: nothing is read, no device or fifo waits, and a link is
 * not followed (the entry) or is an error with O_NOFOLLOW (the folder). macOS's event-only descriptors do not keep a
 * mount busy.
 */
#ifdef O_PATH
#define OPEN_FOLDER (O_PATH | O_DIRECTORY)
#define OPEN_ENTRY (O_PATH | O_NOFOLLOW)
#else
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY)
#define OPEN_ENTRY (O_EVTONLY | O_SYMLINK | O_NONBLOCK)
#endif

/* The folder that paths are inside of, held open. */
struct base {
    const char *path;
    int fd;
};

enum create { CREATE_NOTHING, CREATE_DIRECTORY, CREATE_FILE, CREATE_PARENTS };

/* A found path: its folder, held open, and its own name, which was no link then; "" when it is the base itself. */
struct place {
    int parent;
    char name[NAME_MAX + 1];
    /* The whole path in the base, links resolved, with a leading slash. */
    char path[PATH_MAX];
};

/*
 * Finds `path`. What is missing is created and journaled, as far as `create` says; with CREATE_PARENTS all but the last
 * component. False with errno.
 */
bool place_find(const struct base *base, const char *path, enum create create, struct place *place);
/*
 * Finds the folder of a path that was free of links when it was recorded; a link on the way now is ELOOP or ENOTDIR.
 * What the last component is, if it is there at all, the caller has to see.
 */
bool place_find_exact(const struct base *base, const char *path, struct place *place);
/* A descriptor of what is there now, the topmost mount included; only to look at, a link is not followed. */
int place_open(const struct place *place);
void place_close(struct place *place);

#endif
