#include "mount_record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORDS_LIMIT = 16 * 1024 * 1024, FIELDS_LIMIT = 4096 };

static char *read_all(int fd, size_t *length)
{
    size_t capacity = 16384;
    char *data = malloc(capacity);
    *length = 0;
    while (data != NULL) {
        if (*length == capacity) {
            char *larger = capacity < RECORDS_LIMIT ? realloc(data, capacity * 2) : NULL;
            if (larger == NULL) break;
            data = larger;
            capacity *= 2;
        }
        ssize_t got = read(fd, data + *length, capacity - *length);
        if (got == 0) return data;
        if (got > 0) *length += (size_t)got;
        else if (errno != EINTR) {
            free(data);
            return NULL;
        }
    }
    free(data);
    errno = ENOMEM;
    return NULL;
}

/* The text at `*from` up to its NUL, or NULL when it is not whole. */
static char *take_text(char **from, const char *end)
{
    char *text = *from;
    char *nul = memchr(text, 0, (size_t)(end - text));
    if (nul == NULL) return NULL;
    *from = nul + 1;
    return text;
}

static bool take_record(char **from, const char *end, struct record *record)
{
    char *count = take_text(from, end);
    if (count == NULL) return false;
    record->count = (size_t)strtoul(count, NULL, 10);
    if (record->count == 0 || record->count > FIELDS_LIMIT) return false;
    record->fields = calloc(record->count, sizeof *record->fields);
    if (record->fields == NULL) return false;
    for (size_t i = 0; i < record->count; i++) {
        record->fields[i] = take_text(from, end);
        if (record->fields[i] != NULL) continue;
        free(record->fields);
        return false;
    }
    return true;
}

bool records_read(int fd, struct records *records)
{
    size_t length, capacity = 0;
    char *data = read_all(fd, &length);
    if (data == NULL) return false;
    const char *end = data + length;
    records->count = 0;
    records->items = NULL;
    for (struct record record; data < end && take_record(&data, end, &record);) {
        if (records->count == capacity) {
            capacity = capacity == 0 ? 64 : capacity * 2;
            struct record *items = realloc(records->items, capacity * sizeof *items);
            if (items == NULL) return false;
            records->items = items;
        }
        records->items[records->count++] = record;
    }
    return true;
}

const char *record_field(const struct record *record, size_t index)
{
    return index < record->count ? record->fields[index] : "";
}

static size_t append_text(char *data, size_t length, const char *text)
{
    size_t size = strlen(text) + 1;
    if (data != NULL) memcpy(data + length, text, size);
    return length + size;
}

/* The fields behind their count; only measures when `data` is NULL. */
static size_t encode(char *data, const char *first, va_list rest)
{
    char number[16];
    size_t count = 1;
    va_list counting;
    va_copy(counting, rest);
    while (va_arg(counting, const char *) != NULL) count++;
    va_end(counting);
    snprintf(number, sizeof number, "%zu", count);
    size_t length = append_text(data, append_text(data, 0, number), first);
    for (const char *field; (field = va_arg(rest, const char *)) != NULL;) length = append_text(data, length, field);
    return length;
}

bool record_append(int fd, const char *first, ...)
{
    va_list fields;
    va_start(fields, first);
    size_t length = encode(NULL, first, fields);
    va_end(fields);
    char *data = malloc(length);
    if (data == NULL) return false;
    va_start(fields, first);
    encode(data, first, fields);
    va_end(fields);
    ssize_t written;
    do written = write(fd, data, length);
    while (written < 0 && errno == EINTR);
    free(data);
    if (written == (ssize_t)length) return true;
    if (written >= 0) errno = ENOSPC;
    return false;
}
