#ifndef RUND_WRITE_AT_H
#define RUND_WRITE_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes all of the data at that place of a file. False with errno. */
bool write_at(int fd, const char *data, size_t size, off_t at);

#endif
