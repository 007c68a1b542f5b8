#include "subcommand.h"

#include "clone.h"
#include "failure.h"
#include "tree_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __APPLE__
#define CTIME(status) ((status).st_ctimespec)
#else
#define CTIME(status) ((status).st_ctim)
#endif

static bool enter(void *context, struct folder *folder)
{
    (void)context;
    if (folder->above == NULL) return true;
    int above = folder->above->copy;
    if (mkdirat(above, folder->name, 0700) != 0) return false;
    folder->copy = openat(above, folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return folder->copy >= 0;
}

static bool visit(void *context, struct folder *folder, const char *name, const struct stat *status)
{
    return clone_entry(context, folder, name, status);
}

static bool leave(void *context, struct folder *folder)
{
    (void)context;
    struct stat status;
    return fstat(folder_fd(folder), &status) == 0 && clone_attributes(folder_fd(folder), folder->copy, &status);
}

static int open_new_folder(const char *path)
{
    return mkdir(path, 0700) != 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * clone FROM TO: makes the folder TO a copy of FROM and prints a line of JSON about it. After a failure TO may be there
 * in part; the caller removes it, as after a crash.
 */
int clone_main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: rund-jail clone FROM TO\n", stderr);
        return EXIT_USAGE;
    }
    umask(0);
    struct clone clone = {.top = open_new_folder(argv[2])};
    if (clone.top < 0) return tree_failure(argv[2], NULL);
    links_init(&clone.links);
    const struct tree_visitor visitor = {.enter = enter, .visit = visit, .leave = leave};
    char *failed;
    /* The walk closes its copy of the top when it leaves it, and others may still link to files below. */
    if (!tree_walk(argv[1], dup(clone.top), &visitor, &clone, &failed)) return tree_failure(argv[1], failed);
    links_free(&clone.links);
    struct stat status;
    if (fstat(clone.top, &status) != 0) return tree_failure(argv[2], NULL);
    printf("{\"shared\":%llu,\"copied\":%llu,", atomic_load(&clone.shared_files), atomic_load(&clone.copied_files));
    /* The top was changed last: nothing in the copy has a later time of change, until somebody changes it. */
    printf("\"cloned\":\"%lld.%09ld\"}\n", (long long)CTIME(status).tv_sec, CTIME(status).tv_nsec);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
