#include "layer_links.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The inode's place or the free one that it gets. The size is a power of two, and some place is always free. */
static struct layer_link *place_of(struct layer_link *places, size_t size, ino_t inode)
{
    size_t at = (size_t)(((uint64_t)inode * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (size - 1);
    while (places[at].is_used && places[at].inode != inode) at = (at + 1) & (size - 1);
    return &places[at];
}

static bool grow(struct layer_links *links)
{
    size_t size = links->size == 0 ? 64 : links->size * 2;
    struct layer_link *places = calloc(size, sizeof *places);
    if (places == NULL) return false;
    for (size_t i = 0; i < links->size; i++) {
        if (links->places[i].is_used) *place_of(places, size, links->places[i].inode) = links->places[i];
    }
    free(links->places);
    links->places = places;
    links->size = size;
    return true;
}

struct layer_link *layer_link_of(struct layer_links *links, ino_t inode)
{
    if (links->used * 2 >= links->size && !grow(links)) return NULL;
    struct layer_link *link = place_of(links->places, links->size, inode);
    if (!link->is_used) {
        *link = (struct layer_link){.inode = inode, .is_used = true};
        links->used++;
    }
    return link;
}

bool layer_link_add_unchanged(struct layer_link *link, const char *path)
{
    char **unchanged = realloc(link->unchanged, (link->unchanged_count + 1) * sizeof *unchanged);
    char *copy = strdup(path);
    if (unchanged != NULL) link->unchanged = unchanged;
    if (unchanged == NULL || copy == NULL) {
        free(copy);
        errno = ENOMEM;
        return false;
    }
    unchanged[link->unchanged_count++] = copy;
    return true;
}

void layer_links_free(struct layer_links *links)
{
    for (size_t i = 0; i < links->size; i++) {
        struct layer_link *link = &links->places[i];
        for (size_t at = 0; at < link->unchanged_count; at++) free(link->unchanged[at]);
        free(link->unchanged);
        free(link->written);
    }
    free(links->places);
}
