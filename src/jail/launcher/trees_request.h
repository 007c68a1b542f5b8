/*
 * What `trees` is asked: four bytes of length, most significant first as all numbers here, then four of the request's own
 * number and the command with its arguments, each text ended by a NUL. One without a command gives up the request of that
 * number. An answer is the like: length, number, exit status, and what the command has printed.
 */
#ifndef RUND_TREES_REQUEST_H
#define RUND_TREES_REQUEST_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_SIZE = 4, MOST_ARGUMENTS = 8, MOST_REQUEST = 64 * 1024 };

struct trees_request {
    uint32_t id;
    int argc;
    /* They point into the input, which is not to change meanwhile. */
    char *argv[MOST_ARGUMENTS + 1];
};

uint32_t number_read(const char *from);
void number_write(char *to, uint32_t number);

/* Length in the input of the whole request in front; 0 when more has to come. */
size_t trees_request_size(const struct bytes *input);
/* False for one that no client of ours sends. */
bool trees_request_read(const struct bytes *input, size_t size, struct trees_request *request);

#endif
