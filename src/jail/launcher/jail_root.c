#include "jail_root.h"

#include "failure.h"
#include "root_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool refuse(const char *path, const char *reason)
{
    fprintf(stderr, "root %s: %s\n", path, reason);
    return false;
}

/* What is gone already can still be the root of processes: they are found by the text alone. */
static bool open_missing(struct jail_root *root, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (length >= sizeof root->path) return refuse(path, "file name too long");
    memcpy(root->path, path, length);
    root->path[length] = '\0';
    return true;
}

bool jail_root_open(struct jail_root *root, const char *path)
{
    *root = (struct jail_root){0};
    if (path[0] != '/') return refuse(path, "must be an absolute path");
    struct stat status;
    root->exists = realpath(path, root->path) != NULL && stat(root->path, &status) == 0;
    if (root->exists) {
        if (!S_ISDIR(status.st_mode)) return refuse(path, "not a directory");
        if (is_own_root(&status)) return refuse(path, "is the root of the host");
        root->device = status.st_dev;
        root->inode = status.st_ino;
    } else if (errno != ENOENT) {
        char reason[128];
        error_text(errno, reason, sizeof reason);
        return refuse(path, reason);
    } else if (!open_missing(root, path)) {
        return false;
    }
    root->length = strlen(root->path);
    return root->length > 1 || refuse(path, "is the root of the host");
}

enum jail_root_match jail_root_compare(const struct jail_root *root, const char *path)
{
    if (strncmp(path, root->path, root->length) != 0) return OUTSIDE;
    if (path[root->length] == '\0') return SAME;
    return path[root->length] == '/' ? BELOW : OUTSIDE;
}
