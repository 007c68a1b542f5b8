/*
 * Headers of an archive in the pax format: a plain one, and records in front of it for what that has no room for. Nothing of
 * the moment or the machine goes into them, so the same tree makes the same bytes.
 */
#ifndef RUND_TAR_ENTRY_H
#define RUND_TAR_ENTRY_H

#include "bytes.h"
#include "tar_stream.h"

#include <sys/types.h>

/* Of the type flag. */
enum tar_type {
    TAR_FILE = '0',
    TAR_LINK = '1',
    TAR_SYMLINK = '2',
    TAR_CHARACTER = '3',
    TAR_BLOCK_DEVICE = '4',
    TAR_FOLDER = '5',
    TAR_FIFO = '6',
    TAR_RECORDS = 'x',
};

struct tar_entry {
    /* Relative; a folder's ends with a slash. */
    const char *path;
    enum tar_type type;
    mode_t mode;
    unsigned long long uid, gid, size;
    long long mtime;
    /* Of links. */
    const char *target;
    unsigned device_major, device_minor;
    /* Records of its own, made by tar_record. */
    struct bytes records;
};

/* Adds `key=value`, where the key is the parts together; false with errno ENOMEM. */
bool tar_record(struct bytes *records, const char *prefix, const char *name, const void *value, size_t size);
/* Writes the header, and frees the records. */
bool tar_write_entry(struct tar_stream *stream, struct tar_entry *entry);

#endif
