#include "mount_identity.h"

#include <stdlib.h>
#include <string.h>

bool mount_is_same(const char *one, const char *other)
{
    if (strchr(one, '/') != NULL && strchr(other, '/') != NULL) return strcmp(one, other) == 0;
    size_t length = strcspn(one, "/");
    return length == strcspn(other, "/") && strncmp(one, other, length) == 0;
}

const struct mount_entry *mount_table_find(const struct mount_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (mount_is_same(table->entries[i].id, id)) return &table->entries[i];
    }
    return NULL;
}

void mount_table_free(struct mount_table *table)
{
    free(table->entries);
    table->entries = NULL;
    table->count = 0;
}
