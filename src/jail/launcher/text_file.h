#ifndef RUND_TEXT_FILE_H
#define RUND_TEXT_FILE_H

#include <stddef.h>

/* A whole file that does not tell its size (/proc), with a NUL behind it, for free(); NULL with errno. `size` may be NULL. */
char *text_file_read(const char *path, size_t *size);

#endif
