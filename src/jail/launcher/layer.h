/*
 * The difference between two trees as a layer of an image. Functions answer false with errno, and then `failed` says where.
 */
#ifndef RUND_LAYER_H
#define RUND_LAYER_H

#include "layer_links.h"
#include "tar_stream.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

/* A folder that is being compared: it goes into the layer before the first thing in it does. */
struct level {
    struct level *above;
    /* The older folder, or -1 where there is none. */
    int lower;
    int upper;
    /* Its path's length, with a slash behind it; 0 for the top. */
    size_t path_length;
    bool is_written;
    /* How many levels are above; MOST_DEPTH holds for layers as it does for walks. */
    unsigned depth;
};

struct layer {
    struct tar_stream stream;
    /* Path of what is being compared, which grows and shrinks on the way. */
    char *path;
    size_t path_size;
    dev_t upper_device;
    /* No time in the layer is later. */
    bool has_latest;
    long long latest;
    /* What has changed last before this moment is as it was when the newer tree was made of the older one. */
    bool has_cloned;
    struct timespec cloned;
    struct layer_links links;
};

/* Puts a name behind the level's path. */
bool layer_enter_path(struct layer *layer, const struct level *level, const char *name);

/* Writes an entry, with all folders above it that are not written yet. */
bool layer_write(struct layer *layer, struct level *level, const char *name, const struct stat *status);
/* Writes that a name is gone. */
bool layer_write_gone(struct layer *layer, struct level *level, const char *name);
/* A file with several names that has not changed: if another of its names is written, this one is too. */
bool layer_keep_link(struct layer *layer, struct level *level, const struct stat *status);

/* Whether an entry that is in both folders is the same in both. Sets errno and `*failed` when that cannot be told. */
bool layer_is_same(const struct layer *layer, const struct level *level, const char *name, const struct stat *older,
                   const struct stat *newer, bool *failed);

/* Compares two folders with all that is in them. */
bool layer_compare(struct layer *layer, struct level *level);

#endif
