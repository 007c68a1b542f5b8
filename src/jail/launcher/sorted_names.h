/* The names in a folder, in the same order on every file system. */
#ifndef RUND_SORTED_NAMES_H
#define RUND_SORTED_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct sorted_names {
    char **names;
    size_t count;
};

/* Without `.` and `..`. False with errno; what there is then is to be freed too. */
bool sorted_names_read(struct sorted_names *names, int folder);
void sorted_names_free(struct sorted_names *names);

#endif
