/* A growing run of bytes that a loop fills at the end and takes from at the front. */
#ifndef RUND_BYTES_H
#define RUND_BYTES_H

#include <stddef.h>

struct bytes {
    char *data;
    size_t start;
    size_t end;
    size_t capacity;
};

/* Bytes that wait in the buffer. */
size_t bytes_length(const struct bytes *bytes);
char *bytes_front(const struct bytes *bytes);
/* Room for `size` more bytes behind the last one, or NULL with errno ENOMEM. Pointers into the buffer move. */
char *bytes_reserve(struct bytes *bytes, size_t size);
void bytes_append(struct bytes *bytes, size_t size);
void bytes_take(struct bytes *bytes, size_t size);

#endif
