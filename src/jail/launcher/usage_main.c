#include "subcommand.h"

#include "clone_links.h"
#include "own_bytes.h"
#include "tree_failure.h"
#include "tree_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct usage {
    bool shares;
    struct clone_links links;
    atomic_ullong inodes;
    atomic_ullong bytes;
};

/* Whether this is the first name that is met of a file with several. */
static bool is_first_name(struct usage *usage, const struct stat *status)
{
    if (status->st_nlink < 2) return true;
    struct link_table *table = links_lock(&usage->links, status->st_ino);
    bool is_first = links_find(table, status->st_ino) == NULL && links_add(table, status->st_ino, strdup(""));
    links_unlock(table);
    return is_first;
}

static void add(struct usage *usage, unsigned long long bytes)
{
    atomic_fetch_add(&usage->inodes, 1);
    atomic_fetch_add(&usage->bytes, bytes);
}

static bool visit(void *context, struct folder *folder, const char *name, const struct stat *status)
{
    struct usage *usage = context;
    if (!is_first_name(usage, status)) return true;
    unsigned long long bytes = (unsigned long long)status->st_blocks * 512;
    bool may_share = usage->shares && S_ISREG(status->st_mode) && bytes > 0;
    add(usage, may_share ? own_bytes(folder_fd(folder), name, bytes) : bytes);
    return true;
}

static bool leave(void *context, struct folder *folder)
{
    struct stat status;
    if (fstat(folder_fd(folder), &status) == 0) add(context, (unsigned long long)status.st_blocks * 512);
    return true;
}

/*
 * usage FOLDER: prints as JSON how many inodes a tree has and how many bytes of the disk are its own: what it shares with
 * other trees is not counted, and would not be free without it.
 */
int usage_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail usage FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    struct usage usage = {.shares = may_share_bytes(argv[1])};
    links_init(&usage.links);
    const struct tree_visitor visitor = {.visit = visit, .leave = leave, .in_use = true};
    char *failed;
    if (!tree_walk(argv[1], -1, &visitor, &usage, &failed)) return tree_failure(argv[1], failed);
    links_free(&usage.links);
    printf("{\"inodes\":%llu,\"size\":%llu}\n", atomic_load(&usage.inodes), atomic_load(&usage.bytes));
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
