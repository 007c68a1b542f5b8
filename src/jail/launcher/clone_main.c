#include "subcommand.h"

#include "clone.h"
#include "end_with_parent.h"
#include "subvolume.h"
#include "tree_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* False with errno, and then nothing was made. */
static bool copy_at_once(const char *from, const char *to)
{
    struct stat status;
    int original = open_folder(from);
    bool copied = original >= 0 && fstat(original, &status) == 0 && subvolume_copy(original, to);
    if (original >= 0) close(original);
    /* For its time of change, which is to be the latest of all. */
    return copied && chmod(to, status.st_mode & 07777) == 0;
}

/* -1 with errno. */
static int make_top(const char *path)
{
    return subvolume_create(path) || mkdir(path, 0700) == 0 ? open_folder(path) : -1;
}

/* The top of the copy is open. */
static bool copy_file_by_file(struct clone *clone, const char *from, char **failed)
{
    links_init(&clone->links);
    const struct tree_visitor visitor = {.enter = enter, .visit = visit, .leave = leave};
    /* The walk closes its copy of the top when it leaves it, and others may still link to files below. */
    if (!tree_walk(from, dup(clone->top), &visitor, clone, failed)) return false;
    links_free(&clone->links);
    return true;
}

/*
 * clone [--large] FROM TO: makes the folder TO a copy of FROM and prints a line of JSON about it. A large one is made in one
 * step where the file system can: that takes as long for few files as for many. After a failure TO may be there in part;
 * the caller removes it, as after a crash.
 */
int clone_main(int argc, char **argv)
{
    bool is_large = argc == 4 && strcmp(argv[1], "--large") == 0;
    if (argc != 3 && !is_large) {
        fputs("usage: rund-jail clone [--large] FROM TO\n", stderr);
        return EXIT_USAGE;
    }
    umask(0);
    end_with_parent();
    const char *from = argv[argc - 2], *to = argv[argc - 1];
    struct clone clone = {.top = -1};
    char *failed;
    if (!is_large || !copy_at_once(from, to)) {
        clone.top = make_top(to);
        if (clone.top < 0) return tree_failure(to, NULL);
        if (!copy_file_by_file(&clone, from, &failed)) return tree_failure(from, failed);
    }
    struct stat status;
    if (stat(to, &status) != 0) return tree_failure(to, NULL);
    printf("{\"shared\":%llu,\"copied\":%llu,", atomic_load(&clone.shared_files), atomic_load(&clone.copied_files));
    /* The top was changed last: nothing in the copy has a later time of change, until somebody changes it. */
    printf("\"cloned\":\"%lld.%09ld\"}\n", (long long)CTIME(status).tv_sec, CTIME(status).tv_nsec);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
