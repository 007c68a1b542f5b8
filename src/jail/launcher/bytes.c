#include "bytes.h"

#include <stdlib.h>
#include <string.h>

size_t bytes_length(const struct bytes *bytes)
{
    return bytes->end - bytes->start;
}

char *bytes_front(const struct bytes *bytes)
{
    return bytes->data + bytes->start;
}

char *bytes_reserve(struct bytes *bytes, size_t size)
{
    size_t length = bytes_length(bytes);
    if (bytes->start > 0 && bytes->capacity - bytes->end < size) {
        memmove(bytes->data, bytes->data + bytes->start, length);
        bytes->start = 0;
        bytes->end = length;
    }
    if (bytes->capacity - bytes->end < size) {
        size_t capacity = (length + size) * 2;
        char *data = realloc(bytes->data, capacity);
        if (data == NULL) return NULL;
        bytes->data = data;
        bytes->capacity = capacity;
    }
    return bytes->data + bytes->end;
}

void bytes_append(struct bytes *bytes, size_t size)
{
    bytes->end += size;
}

void bytes_take(struct bytes *bytes, size_t size)
{
    bytes->start += size;
    if (bytes->start == bytes->end) bytes->start = bytes->end = 0;
}
