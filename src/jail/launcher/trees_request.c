#include "trees_request.h"

#include <string.h>

uint32_t number_read(const char *from)
{
    const unsigned char *byte = (const unsigned char *)from;
    return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

void number_write(char *to, uint32_t number)
{
    for (int i = 0; i < NUMBER_SIZE; i++) to[i] = (char)(number >> (24 - 8 * i) & 0xff);
}

size_t trees_request_size(const struct bytes *input)
{
    if (bytes_length(input) < NUMBER_SIZE) return 0;
    size_t size = NUMBER_SIZE + number_read(bytes_front(input));
    return bytes_length(input) < size ? 0 : size;
}

bool trees_request_read(const struct bytes *input, size_t size, struct trees_request *request)
{
    *request = (struct trees_request){0};
    if (size < 2 * NUMBER_SIZE) return false;
    char *at = bytes_front(input) + NUMBER_SIZE, *end = bytes_front(input) + size;
    request->id = number_read(at);
    for (at += NUMBER_SIZE; at < end; at += strlen(at) + 1) {
        if (request->argc == MOST_ARGUMENTS || memchr(at, 0, (size_t)(end - at)) == NULL) return false;
        request->argv[request->argc++] = at;
    }
    return true;
}
