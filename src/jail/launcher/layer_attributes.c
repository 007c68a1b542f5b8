#include "layer_attributes.h"

#include "entry_attributes.h"
#include "tar_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SIZE = 65536, VALUE_SIZE = 65536 };

static const char key_prefix[] = "SCHILY.xattr.";

static int by_text(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* The names that a layer carries, sorted: the file system's order is not the same everywhere. To be freed. */
static const char **wanted_names(const char *names, ssize_t length, size_t *count)
{
    size_t most = 0;
    for (ssize_t at = 0; at < length; at++) most += names[at] == '\0';
    const char **wanted = calloc(most + 1, sizeof *wanted);
    *count = 0;
    for (ssize_t at = 0; wanted != NULL && at < length; at += (ssize_t)strlen(names + at) + 1) {
        if (is_layer_attribute(names + at)) wanted[(*count)++] = names + at;
    }
    if (wanted != NULL) qsort(wanted, *count, sizeof *wanted, by_text);
    return wanted;
}

static bool add_one(int folder, const char *name, const char *key, char *value, struct bytes *records)
{
    ssize_t size = entry_attribute(folder, name, key, value, VALUE_SIZE);
    /* Gone since the names were listed. */
    return size < 0 || tar_record(records, key_prefix, key, value, (size_t)size);
}

static bool add_all(int folder, const char *name, const char *names, ssize_t length, struct bytes *records)
{
    size_t count;
    const char **wanted = wanted_names(names, length, &count);
    char *value = malloc(VALUE_SIZE);
    bool added = wanted != NULL && value != NULL;
    for (size_t i = 0; added && i < count; i++) added = add_one(folder, name, wanted[i], value, records);
    free(value);
    free(wanted);
    if (!added) errno = ENOMEM;
    return added;
}

bool layer_attributes(int folder, const char *name, struct bytes *records)
{
    static char names[NAMES_SIZE];
    ssize_t length = entry_attribute_names(folder, name, names, sizeof names);
    return length <= 0 || add_all(folder, name, names, length, records);
}

bool layer_attributes_same(int one_folder, int other_folder, const char *name)
{
    struct bytes one = {0}, other = {0};
    bool same = layer_attributes(one_folder, name, &one) && layer_attributes(other_folder, name, &other) &&
                bytes_length(&one) == bytes_length(&other) &&
                (bytes_length(&one) == 0 || memcmp(bytes_front(&one), bytes_front(&other), bytes_length(&one)) == 0);
    free(one.data);
    free(other.data);
    return same;
}
