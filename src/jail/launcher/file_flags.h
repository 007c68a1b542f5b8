#ifndef RUND_FILE_FLAGS_H
#define RUND_FILE_FLAGS_H

#include <stdbool.h>

/* Takes the flags away that forbid to change or remove a file, of one in a folder or, for NULL, the folder itself. */
bool clear_flags(int folder, const char *name);

#endif
