/* Extended attributes of something in a folder, or of the folder where `name` is NULL; links are not followed. */
#ifndef RUND_ENTRY_ATTRIBUTES_H
#define RUND_ENTRY_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* As listxattr(2). */
ssize_t entry_attribute_names(int folder, const char *name, char *names, size_t size);
/* As getxattr(2). */
ssize_t entry_attribute(int folder, const char *name, const char *key, void *value, size_t size);
/* Whether an attribute means something on another machine. */
bool is_layer_attribute(const char *key);

#endif
