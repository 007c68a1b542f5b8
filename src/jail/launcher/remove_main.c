#include "subcommand.h"

#include "file_flags.h"
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

/* remove FOLDER: removes it with all that is in it, on its own device; without it there is nothing to do. */
int remove_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail remove FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    const struct tree_visitor visitor = {.visit = visit, .leave = leave};
    for (int walks = 0; walks < MOST_WALKS; walks++) {
        char *failed;
        if (!tree_walk(argv[1], -1, &visitor, NULL, &failed) && errno != ENOENT) return tree_failure(argv[1], failed);
        free(failed);
        if (rmdir(argv[1]) == 0 || errno == ENOENT) return EXIT_SUCCESS;
        if (errno != ENOTEMPTY && errno != EEXIST) break;
    }
    return tree_failure(argv[1], NULL);
}
