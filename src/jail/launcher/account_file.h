/* /etc/passwd and /etc/group of an image, which may hold anything: nothing but a plain file is read, and only so much of it. */
#ifndef RUND_ACCOUNT_FILE_H
#define RUND_ACCOUNT_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct account_file {
    char *text;
    char *rest;
};

/* Called in the jail, where no link leads out. What cannot be read is an empty file. */
void account_file_read(struct account_file *file, const char *path);
/*
 * The next entry that has at least `count` fields, cut at its colons, empty ones too; false when there is none. Comments are
 * left out. The fields are valid until the file is let go of.
 */
bool account_file_next(struct account_file *file, char **fields, size_t count);
void account_file_free(struct account_file *file);

/* A user's or group's number as it stands in such a file; false for what is none. */
bool account_number(const char *text, unsigned *number);

#endif
