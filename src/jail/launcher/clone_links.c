#include "clone_links.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void links_init(struct clone_links *links)
{
    for (size_t i = 0; i < LINK_TABLES; i++) {
        links->tables[i] = (struct link_table){0};
        pthread_mutex_init(&links->tables[i].lock, NULL);
    }
}

void links_free(struct clone_links *links)
{
    for (size_t i = 0; i < LINK_TABLES; i++) {
        struct link_table *table = &links->tables[i];
        for (size_t at = 0; at < table->size; at++) free(table->places[at].path);
        free(table->places);
    }
}

static uint64_t mix(ino_t inode)
{
    return (uint64_t)inode * UINT64_C(0x9e3779b97f4a7c15);
}

struct link_table *links_lock(struct clone_links *links, ino_t inode)
{
    struct link_table *table = &links->tables[mix(inode) >> 58];
    pthread_mutex_lock(&table->lock);
    return table;
}

void links_unlock(struct link_table *table)
{
    pthread_mutex_unlock(&table->lock);
}

/* The inode's place, or the free one that it would get. The size is a power of two, and some place is always free. */
static struct known_link *place_of(struct known_link *places, size_t size, ino_t inode)
{
    size_t at = (size_t)(mix(inode) >> 16) & (size - 1);
    while (places[at].path != NULL && places[at].inode != inode) at = (at + 1) & (size - 1);
    return &places[at];
}

const char *links_find(const struct link_table *table, ino_t inode)
{
    return table->size == 0 ? NULL : place_of(table->places, table->size, inode)->path;
}

static bool grow(struct link_table *table)
{
    size_t size = table->size == 0 ? 16 : table->size * 2;
    struct known_link *places = calloc(size, sizeof *places);
    if (places == NULL) return false;
    for (size_t i = 0; i < table->size; i++) {
        const struct known_link *known = &table->places[i];
        if (known->path != NULL) *place_of(places, size, known->inode) = *known;
    }
    free(table->places);
    table->places = places;
    table->size = size;
    return true;
}

bool links_add(struct link_table *table, ino_t inode, char *path)
{
    if (path == NULL || (table->used * 2 >= table->size && !grow(table))) {
        free(path);
        errno = ENOMEM;
        return false;
    }
    *place_of(table->places, table->size, inode) = (struct known_link){.inode = inode, .path = path};
    table->used++;
    return true;
}
