#include "layer.h"

#include "folder_below.h"
#include "sorted_names.h"
#include "tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is no part of a layer: sockets, which are of no use without their process. */
static bool counts(const struct stat *status)
{
    return !S_ISSOCK(status->st_mode);
}

static bool is_mount(int folder, const char *name)
{
    int fd = folder_below(folder, name);
    if (fd >= 0) close(fd);
    return fd < 0 && errno == EXDEV;
}

/* The folder that was just looked at, with the older one of the same name if there is one. */
static bool compare_below(struct layer *layer, struct level *level, const char *name, bool has_lower, bool is_written)
{
    size_t end = strlen(layer->path);
    struct level below = {
        .above = level, .lower = -1, .path_length = end + 1, .is_written = is_written, .depth = level->depth + 1};
    if (below.depth > MOST_DEPTH) {
        errno = ENAMETOOLONG;
        return false;
    }
    below.upper = folder_below(level->upper, name);
    if (below.upper < 0) return false;
    if (has_lower) below.lower = folder_below(level->lower, name);
    bool compared = false;
    if (!has_lower || below.lower >= 0) {
        strcpy(layer->path + end, "/");
        compared = layer_compare(layer, &below);
    }
    int error = errno;
    close(below.upper);
    if (below.lower >= 0) close(below.lower);
    /* After a failure the path says where it was. */
    if (compared) layer->path[end] = '\0';
    errno = error;
    return compared;
}

static bool add(struct layer *layer, struct level *level, const char *name, const struct stat *status)
{
    if (!layer_write(layer, level, name, status)) return false;
    return !S_ISDIR(status->st_mode) || compare_below(layer, level, name, false, true);
}

static bool compare_both(struct layer *layer, struct level *level, const char *name, const struct stat *older,
                         const struct stat *newer)
{
    bool are_folders = S_ISDIR(older->st_mode) && S_ISDIR(newer->st_mode);
    if (!are_folders && (S_ISDIR(older->st_mode) || S_ISDIR(newer->st_mode))) return add(layer, level, name, newer);
    bool failed;
    bool same = layer_is_same(layer, level, name, older, newer, &failed);
    if (failed || (!same && !layer_write(layer, level, name, newer))) return false;
    if (are_folders) return compare_below(layer, level, name, true, !same);
    return !same || newer->st_nlink < 2 || layer_keep_link(layer, level, newer);
}

/* The older entry, if there is one that counts. False with errno when that cannot be told. */
static bool look_at_older(const struct level *level, const char *name, struct stat *older, bool *is_there)
{
    *is_there = level->lower >= 0 && fstatat(level->lower, name, older, AT_SYMLINK_NOFOLLOW) == 0;
    if (level->lower >= 0 && !*is_there && errno != ENOENT) return false;
    *is_there = *is_there && counts(older);
    return true;
}

static bool compare_entry(struct layer *layer, struct level *level, const char *name)
{
    struct stat older, newer;
    bool was_there;
    if (!layer_enter_path(layer, level, name) || !look_at_older(level, name, &older, &was_there)) return false;
    bool is_there = fstatat(level->upper, name, &newer, AT_SYMLINK_NOFOLLOW) == 0;
    if (!is_there && errno != ENOENT) return false;
    /* A mount of whoever runs in the tree: what is below it cannot be seen and has not changed. */
    if (is_there && newer.st_dev != layer->upper_device) return true;
    if (is_there && S_ISDIR(newer.st_mode) && is_mount(level->upper, name)) return true;
    is_there = is_there && counts(&newer);
    if (was_there && is_there) return compare_both(layer, level, name, &older, &newer);
    if (was_there) return layer_write_gone(layer, level, name);
    return !is_there || add(layer, level, name, &newer);
}

bool layer_compare(struct layer *layer, struct level *level)
{
    struct sorted_names lower = {0}, upper = {0};
    bool compared = (level->lower < 0 || sorted_names_read(&lower, level->lower)) &&
                    sorted_names_read(&upper, level->upper);
    for (size_t l = 0, u = 0; compared && (l < lower.count || u < upper.count);) {
        int order = l == lower.count ? 1 : u == upper.count ? -1 : strcmp(lower.names[l], upper.names[u]);
        compared = compare_entry(layer, level, order <= 0 ? lower.names[l] : upper.names[u]);
        if (order <= 0) l++;
        if (order >= 0) u++;
    }
    int error = errno;
    sorted_names_free(&lower);
    sorted_names_free(&upper);
    errno = error;
    return compared;
}
