#include "tar_entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the plain header has room for. */
enum { PATH_ROOM = 100, NUMBER_LIMIT = 07777777 };
static const unsigned long long size_limit = 077777777777;

struct header {
    char path[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, target[100];
    char magic[8], user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};

_Static_assert(sizeof(struct header) == TAR_BLOCK, "the format's size of a header");

bool tar_record(struct bytes *records, const char *prefix, const char *name, const void *value, size_t size)
{
    /* The record's length counts its own digits. */
    size_t rest = strlen(prefix) + strlen(name) + size + 3, length = rest + 1;
    for (size_t digits = 1, limit = 10; length >= limit; limit *= 10) length = rest + ++digits;
    char *record = bytes_reserve(records, length + 1);
    if (record == NULL) return false;
    int before = snprintf(record, length + 1, "%zu %s%s=", length, prefix, name);
    memcpy(record + before, value, size);
    record[length - 1] = '\n';
    bytes_append(records, length);
    return true;
}

static bool text_record(struct bytes *records, const char *name, const char *value)
{
    return tar_record(records, "", name, value, strlen(value));
}

static bool number_record(struct bytes *records, const char *name, long long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", value);
    return text_record(records, name, text);
}

static bool fits(const char *text)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        if ((text[length] & 0x80) != 0) return false;
    }
    return length <= PATH_ROOM;
}

static bool add_records(struct tar_entry *entry)
{
    struct bytes *records = &entry->records;
    bool timely = entry->mtime >= 0 && (unsigned long long)entry->mtime <= size_limit;
    return (fits(entry->path) || text_record(records, "path", entry->path)) &&
           (entry->target == NULL || fits(entry->target) || text_record(records, "linkpath", entry->target)) &&
           (entry->uid <= NUMBER_LIMIT || number_record(records, "uid", (long long)entry->uid)) &&
           (entry->gid <= NUMBER_LIMIT || number_record(records, "gid", (long long)entry->gid)) &&
           (entry->size <= size_limit || number_record(records, "size", (long long)entry->size)) &&
           (timely || number_record(records, "mtime", entry->mtime));
}

/* As octal digits that end with a NUL; 0 where a record has the number. */
static void set_number(char *field, size_t size, unsigned long long value)
{
    unsigned long long limit = 1ULL << (3 * (size - 1));
    char digits[24];
    snprintf(digits, sizeof digits, "%0*llo", (int)size - 1, value < limit ? value : 0);
    memcpy(field, digits, size);
}

/* All of it, or as much as there is room for where a record has the whole text. */
static void set_text(char *field, size_t size, const char *text)
{
    size_t length = strlen(text);
    memcpy(field, text, length < size ? length : size);
}

static void set_checksum(struct header *header)
{
    unsigned sum = 0;
    memset(header->checksum, ' ', sizeof header->checksum);
    for (size_t i = 0; i < sizeof *header; i++) sum += ((const unsigned char *)header)[i];
    char digits[8];
    snprintf(digits, sizeof digits, "%06o", sum & 0777777);
    memcpy(header->checksum, digits, 7);
}

static bool write_header(struct tar_stream *stream, const struct tar_entry *entry)
{
    struct header header;
    memset(&header, 0, sizeof header);
    set_text(header.path, sizeof header.path, entry->path);
    set_number(header.mode, sizeof header.mode, entry->mode & 07777);
    set_number(header.uid, sizeof header.uid, entry->uid);
    set_number(header.gid, sizeof header.gid, entry->gid);
    set_number(header.size, sizeof header.size, entry->size);
    set_number(header.mtime, sizeof header.mtime, entry->mtime < 0 ? 0 : (unsigned long long)entry->mtime);
    header.type = (char)entry->type;
    if (entry->target != NULL) set_text(header.target, sizeof header.target, entry->target);
    memcpy(header.magic, "ustar\00000", sizeof header.magic);
    set_number(header.major, sizeof header.major, entry->device_major);
    set_number(header.minor, sizeof header.minor, entry->device_minor);
    set_checksum(&header);
    return tar_write(stream, &header, sizeof header);
}

static bool write_records(struct tar_stream *stream, const struct bytes *records)
{
    size_t size = bytes_length(records);
    if (size == 0) return true;
    const struct tar_entry entry = {.path = "PaxHeaders/record", .type = TAR_RECORDS, .mode = 0644, .size = size};
    return write_header(stream, &entry) && tar_write(stream, bytes_front(records), size) && tar_pad(stream);
}

bool tar_write_entry(struct tar_stream *stream, struct tar_entry *entry)
{
    bool written = add_records(entry) && write_records(stream, &entry->records) && write_header(stream, entry);
    int error = errno;
    free(entry->records.data);
    entry->records = (struct bytes){0};
    errno = error;
    return written;
}
