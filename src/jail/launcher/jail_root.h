/* The directory that says which processes belong to a jail: those whose root directory is it or lies below it. */
#ifndef RUND_JAIL_ROOT_H
#define RUND_JAIL_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct jail_root {
    /* Canonical where the directory still exists, else as given. */
    char path[PATH_MAX];
    size_t length;
    bool exists;
    dev_t device;
    ino_t inode;
};

/* Prints why and returns false for a path that is relative, too long or the caller's own root directory. */
bool jail_root_open(struct jail_root *root, const char *path);
enum jail_root_match { OUTSIDE, SAME, BELOW };
/* Compares the text of a process's root directory. */
enum jail_root_match jail_root_compare(const struct jail_root *root, const char *path);

#endif
