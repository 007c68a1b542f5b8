/*
 * Records of NUL-terminated fields: how the plan comes in, how the journal stands in its file and how answers go out.
 * A record is the number of its fields in decimal, then the fields, each text ended by a NUL. No field is ever parsed
 * for separators, so that any path the system can hold passes through.
 */
#ifndef RUND_MOUNT_RECORD_H
#define RUND_MOUNT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct record {
    size_t count;
    char **fields;
};

struct records {
    size_t count;
    struct record *items;
};

/* Reads to the end. A torn last record, from a writer that was killed, is left out. False with errno. */
bool records_read(int fd, struct records *records);
/* The field, or "" where the record is shorter. */
const char *record_field(const struct record *record, size_t index);
/* Appends one record in a single write, so that a reader sees all of it or nothing; the fields end with NULL. */
__attribute__((sentinel)) bool record_append(int fd, const char *first, ...);

#endif
