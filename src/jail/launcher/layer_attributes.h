/* The extended attributes that a layer carries. The folder itself where `name` is NULL. */
#ifndef RUND_LAYER_ATTRIBUTES_H
#define RUND_LAYER_ATTRIBUTES_H

#include "bytes.h"

#include <stdbool.h>

/* Adds a record for each. False with errno. */
bool layer_attributes(int folder, const char *name, struct bytes *records);
/* Whether two entries have the same. */
bool layer_attributes_same(int one_folder, int other_folder, const char *name);

#endif
