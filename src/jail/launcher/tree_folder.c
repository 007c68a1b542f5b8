#include "tree_folder.h"

#include "folder_below.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct folder *folder_create(struct folder *above, const char *name)
{
    struct folder *folder = calloc(1, sizeof *folder);
    char *own_name = strdup(name);
    if (folder == NULL || own_name == NULL) {
        free(folder);
        free(own_name);
        errno = ENOMEM;
        return NULL;
    }
    folder->above = above;
    folder->name = own_name;
    folder->copy = -1;
    folder->depth = above == NULL ? 0 : above->depth + 1;
    atomic_init(&folder->users, 1);
    if (above != NULL) atomic_fetch_add(&above->users, 1);
    return folder;
}

int folder_fd(const struct folder *folder)
{
    return dirfd(folder->stream);
}

bool folder_open(struct folder *folder)
{
    int fd = folder->above == NULL ? open(folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                   : folder_below(folder_fd(folder->above), folder->name);
    if (fd < 0) return false;
    folder->stream = fdopendir(fd);
    if (folder->stream == NULL) close(fd);
    return folder->stream != NULL;
}

bool folder_unused(struct folder *folder)
{
    return atomic_fetch_sub(&folder->users, 1) == 1;
}

struct folder *folder_free(struct folder *folder)
{
    struct folder *above = folder->above;
    if (folder->stream != NULL) closedir(folder->stream);
    if (folder->copy >= 0) close(folder->copy);
    free(folder->name);
    free(folder);
    return above;
}

char *folder_path(const struct folder *folder, const char *name)
{
    size_t size = name == NULL ? 1 : strlen(name) + 1;
    for (const struct folder *at = folder; at->above != NULL; at = at->above) size += strlen(at->name) + 1;
    char *path = malloc(size);
    if (path == NULL) return NULL;
    char *front = path + size;
    *--front = '\0';
    if (name != NULL) {
        front -= strlen(name);
        memcpy(front, name, strlen(name));
    }
    for (const struct folder *at = folder; at->above != NULL; at = at->above) {
        /* Between the parts; a folder's own path ends with a slash. */
        *--front = '/';
        front -= strlen(at->name);
        memcpy(front, at->name, strlen(at->name));
    }
    return path;
}
