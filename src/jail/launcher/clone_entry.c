#include "clone.h"

#include "beneath.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static bool clone_symlink(const struct folder *folder, const char *name)
{
    char target[PATH_MAX + 1];
    ssize_t length = readlinkat(folder_fd(folder), name, target, sizeof target - 1);
    if (length < 0) return false;
    target[length] = '\0';
    return symlinkat(target, folder->copy, name) == 0;
}

static bool clone_single(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status)
{
    if (S_ISREG(status->st_mode)) return clone_file(clone, folder, name, status);
    bool made = S_ISLNK(status->st_mode) ? clone_symlink(folder, name) : clone_node(folder, name, status);
    return made && clone_entry_attributes(folder, name, status);
}

static bool link_to(const struct clone *clone, const char *path, const struct folder *folder, const char *name)
{
    const char *first_name;
    int first_folder = open_parent_beneath(clone->top, path, &first_name);
    if (first_folder < 0) return false;
    bool linked = linkat(first_folder, first_name, folder->copy, name, 0) == 0;
    int error = errno;
    close(first_folder);
    errno = error;
    return linked;
}

bool clone_entry(struct clone *clone, const struct folder *folder, const char *name, const struct stat *status)
{
    /* A socket is of no use without the process that made it. */
    if (S_ISSOCK(status->st_mode)) return true;
    if (status->st_nlink < 2) return clone_single(clone, folder, name, status);
    struct link_table *table = links_lock(&clone->links, status->st_ino);
    const char *first = links_find(table, status->st_ino);
    bool made = first != NULL ? link_to(clone, first, folder, name)
                              : clone_single(clone, folder, name, status) &&
                                    links_add(table, status->st_ino, folder_path(folder, name));
    links_unlock(table);
    return made;
}
