#include "layer.h"

#include "layer_attributes.h"
#include "tar_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <unistd.h>

static const char gone_prefix[] = ".wh.";

bool layer_enter_path(struct layer *layer, const struct level *level, const char *name)
{
    /* Room for a slash, the prefix of what is gone, and the end. */
    size_t needed = level->path_length + strlen(name) + sizeof gone_prefix + 1;
    if (needed > layer->path_size) {
        char *path = realloc(layer->path, needed * 2);
        if (path == NULL) return false;
        layer->path = path;
        layer->path_size = needed * 2;
    }
    strcpy(layer->path + level->path_length, name);
    return true;
}

static enum tar_type type_of(mode_t mode)
{
    if (S_ISDIR(mode)) return TAR_FOLDER;
    if (S_ISLNK(mode)) return TAR_SYMLINK;
    if (S_ISCHR(mode)) return TAR_CHARACTER;
    if (S_ISBLK(mode)) return TAR_BLOCK_DEVICE;
    if (S_ISFIFO(mode)) return TAR_FIFO;
    return TAR_FILE;
}

static struct tar_entry entry_of(const struct layer *layer, const struct stat *status)
{
    struct tar_entry entry = {.path = layer->path, .type = type_of(status->st_mode), .mode = status->st_mode & 07777,
                              .uid = status->st_uid, .gid = status->st_gid, .mtime = status->st_mtime};
    if (layer->has_latest && entry.mtime > layer->latest) entry.mtime = layer->latest;
    if (entry.type == TAR_FILE) entry.size = (unsigned long long)status->st_size;
    if (entry.type == TAR_CHARACTER || entry.type == TAR_BLOCK_DEVICE) {
        entry.device_major = (unsigned)major(status->st_rdev);
        entry.device_minor = (unsigned)minor(status->st_rdev);
    }
    return entry;
}

static bool write_folder(struct layer *layer, int folder, const char *name, const struct stat *status)
{
    struct tar_entry entry = entry_of(layer, status);
    return layer_attributes(folder, name, &entry.records) && tar_write_entry(&layer->stream, &entry);
}

/* The folders above an entry, from the top on. The path is that of the entry again afterwards. */
static bool write_levels(struct layer *layer, struct level *level)
{
    if (level->is_written || level->above == NULL) return true;
    if (!write_levels(layer, level->above)) return false;
    struct stat status;
    if (fstat(level->upper, &status) != 0) return false;
    char after = layer->path[level->path_length];
    layer->path[level->path_length] = '\0';
    bool written = write_folder(layer, level->upper, NULL, &status);
    layer->path[level->path_length] = after;
    level->is_written = written;
    return written;
}

static bool write_content(struct layer *layer, const struct level *level, const char *name, struct tar_entry *entry)
{
    int fd = openat(level->upper, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    bool written = tar_write_entry(&layer->stream, entry) && tar_write_file(&layer->stream, fd, entry->size) &&
                   tar_pad(&layer->stream);
    int error = errno;
    close(fd);
    errno = error;
    return written;
}

static bool write_whole(struct layer *layer, const struct level *level, const char *name, const struct stat *status)
{
    struct tar_entry entry = entry_of(layer, status);
    char target[PATH_MAX + 1];
    if (entry.type == TAR_SYMLINK) {
        ssize_t length = readlinkat(level->upper, name, target, sizeof target - 1);
        if (length < 0) return false;
        target[length] = '\0';
        entry.target = target;
    }
    if (!layer_attributes(level->upper, name, &entry.records)) return false;
    if (entry.type == TAR_FILE && entry.size > 0) return write_content(layer, level, name, &entry);
    return tar_write_entry(&layer->stream, &entry);
}

static bool write_link(struct layer *layer, const char *path, const char *target, const struct stat *status)
{
    struct tar_entry entry = entry_of(layer, status);
    entry.path = path;
    entry.type = TAR_LINK;
    entry.size = 0;
    entry.target = target;
    return tar_write_entry(&layer->stream, &entry);
}

/* Names that were met before, did not change, and would be left with the older file. */
static bool write_unchanged(struct layer *layer, const struct layer_link *link, const struct stat *status)
{
    for (size_t i = 0; i < link->unchanged_count; i++) {
        if (!write_link(layer, link->unchanged[i], link->written, status)) return false;
    }
    return true;
}

static bool write_linked(struct layer *layer, const struct level *level, const char *name, const struct stat *status)
{
    struct layer_link *link = layer_link_of(&layer->links, status->st_ino);
    if (link == NULL) return false;
    if (link->written != NULL) return write_link(layer, layer->path, link->written, status);
    link->written = strdup(layer->path);
    return link->written != NULL && write_whole(layer, level, name, status) && write_unchanged(layer, link, status);
}

bool layer_write(struct layer *layer, struct level *level, const char *name, const struct stat *status)
{
    if (S_ISDIR(status->st_mode)) {
        if (!write_levels(layer, level)) return false;
        size_t end = strlen(layer->path);
        strcpy(layer->path + end, "/");
        bool written = write_folder(layer, level->upper, name, status);
        layer->path[end] = '\0';
        return written;
    }
    /* It would say that another file is gone. */
    if (strncmp(name, gone_prefix, strlen(gone_prefix)) == 0) {
        errno = EINVAL;
        return false;
    }
    if (!write_levels(layer, level)) return false;
    return status->st_nlink > 1 ? write_linked(layer, level, name, status) : write_whole(layer, level, name, status);
}

bool layer_write_gone(struct layer *layer, struct level *level, const char *name)
{
    if (!write_levels(layer, level)) return false;
    char *at = layer->path + level->path_length;
    memmove(at + strlen(gone_prefix), at, strlen(name) + 1);
    memcpy(at, gone_prefix, strlen(gone_prefix));
    struct tar_entry entry = {.path = layer->path, .type = TAR_FILE};
    bool written = tar_write_entry(&layer->stream, &entry);
    strcpy(at, name);
    return written;
}

bool layer_keep_link(struct layer *layer, struct level *level, const struct stat *status)
{
    struct layer_link *link = layer_link_of(&layer->links, status->st_ino);
    if (link == NULL) return false;
    if (link->written == NULL) return layer_link_add_unchanged(link, layer->path);
    return write_levels(layer, level) && write_link(layer, layer->path, link->written, status);
}
