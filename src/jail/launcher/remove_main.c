#include "subcommand.h"

#include "file_flags.h"
#include "subvolume.h"
#include "tree_failure.h"
#include "tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A folder may have changed while it was read, so that entries were missed. */
enum { MOST_WALKS = 4 };

static bool remove_entry(const struct folder *folder, const char *name, int flag)
{
    if (unlinkat(folder_fd(folder), name, flag) == 0 || errno == ENOENT) return true;
    /* Immutable, or in a folder that is. */
    if (errno != EPERM || !clear_flags(folder_fd(folder), NULL)) return false;
    clear_flags(folder_fd(folder), name);
    return unlinkat(folder_fd(folder), name, flag) == 0;
}

static bool move(const struct folder *folder, const char *name, const struct folder *top, const char *fresh)
{
    if (renameat(folder_fd(folder), name, folder_fd(top), fresh) == 0) return true;
    if (errno != EPERM || !clear_flags(folder_fd(folder), NULL) || !clear_flags(folder_fd(folder), name)) return false;
    return renameat(folder_fd(folder), name, folder_fd(top), fresh) == 0;
}

static char *lift(void *context, struct folder *folder, const char *name, struct folder *top)
{
    atomic_uint *lifted = context;
    char *fresh;
    do {
        if (asprintf(&fresh, "deep-%u", atomic_fetch_add(lifted, 1)) < 0) return NULL;
        if (move(folder, name, top, fresh)) return fresh;
        int error = errno;
        free(fresh);
        errno = error;
        /* The tree has that name itself: another number then. */
    } while (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR);
    return NULL;
}

static bool visit(void *context, struct folder *folder, const char *name, const struct stat *status)
{
    (void)context;
    (void)status;
    return remove_entry(folder, name, 0);
}

static bool leave(void *context, struct folder *folder)
{
    (void)context;
    if (folder->above == NULL) return true;
    return remove_entry(folder->above, folder->name, AT_REMOVEDIR) || errno == ENOTEMPTY || errno == EEXIST;
}

/* remove FOLDER: removes it with all that is in it, but nothing that is mounted there; without it there is nothing to do. */
int remove_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail remove FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    if (subvolume_remove(argv[1])) return EXIT_SUCCESS;
    atomic_uint lifted = 0;
    const struct tree_visitor visitor = {
        .visit = visit, .leave = leave, .lift = lift, .in_use = true, .across_devices = true};
    for (int walks = 0; walks < MOST_WALKS; walks++) {
        char *failed;
        if (!tree_walk(argv[1], -1, &visitor, &lifted, &failed) && errno != ENOENT) return tree_failure(argv[1], failed);
        free(failed);
        if (rmdir(argv[1]) == 0 || errno == ENOENT) return EXIT_SUCCESS;
        if (errno != ENOTEMPTY && errno != EEXIST) break;
    }
    return tree_failure(argv[1], NULL);
}
