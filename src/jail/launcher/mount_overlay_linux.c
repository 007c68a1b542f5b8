#include "mount_overlay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How much of `list` (paths that end at a colon, a comma or the end) is one folder common to all, slash included. */
static size_t common_folder(const char *list, size_t length)
{
    size_t common = 0;
    for (size_t i = 0; i < length && list[i] != ':'; i++) {
        if (list[i] == '/') common = i + 1;
    }
    for (size_t start = 0; start < length;) {
        size_t same = 0, slash = 0;
        while (same < common && start + same < length && list[start + same] == list[same]) {
            if (list[same] == '/') slash = same + 1;
            same++;
        }
        common = same == common ? common : slash;
        const char *colon = memchr(list + start, ':', length - start);
        if (colon == NULL) break;
        start = (size_t)(colon - list) + 1;
    }
    return common;
}

/* Copies the list without the first `common` bytes of each path. */
static char *copy_list(char *to, const char *list, size_t length, size_t common)
{
    for (size_t start = 0; start < length;) {
        const char *colon = memchr(list + start, ':', length - start);
        size_t end = colon == NULL ? length : (size_t)(colon - list) + 1;
        memcpy(to, list + start + common, end - start - common);
        to += end - start - common;
        start = end;
    }
    return to;
}

const char *overlay_shorten(const char *type, const char *data)
{
    static const char key[] = "lowerdir=";
    const char *found = strncmp(data, key, strlen(key)) == 0 ? data : strstr(data, ",lowerdir=");
    if (strcmp(type, "overlay") != 0 || found == NULL || strlen(data) < (size_t)sysconf(_SC_PAGESIZE) - 1) return data;
    const char *list = strchr(found, '=') + 1;
    size_t length = strcspn(list, ","), common = common_folder(list, length);
    static char *shortened;
    free(shortened);
    shortened = malloc(strlen(data) + 1);
    char *folder = common > 1 ? strndup(list, common) : NULL;
    /* A backslash escapes a colon or comma in a path; such a list is left to the kernel. */
    bool plain = memchr(list, '\\', length) == NULL;
    bool changed = shortened != NULL && folder != NULL && plain && chdir(folder) == 0;
    free(folder);
    if (!changed) return data;
    memcpy(shortened, data, (size_t)(list - data));
    char *end = copy_list(shortened + (list - data), list, length, common);
    strcpy(end, list + length);
    return shortened;
}
