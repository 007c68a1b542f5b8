#include "sorted_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool add(struct sorted_names *names, const char *name)
{
    /* Room for 16 at first and for twice as many whenever they are used up. */
    size_t count = names->count;
    if (count == 0 || (count >= 16 && (count & (count - 1)) == 0)) {
        char **more = realloc(names->names, (count == 0 ? 16 : count * 2) * sizeof *more);
        if (more == NULL) return false;
        names->names = more;
    }
    names->names[count] = strdup(name);
    if (names->names[count] == NULL) return false;
    names->count++;
    return true;
}

static int by_text(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static bool read_all(struct sorted_names *names, DIR *stream)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) return errno == 0;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!add(names, entry->d_name)) return false;
    }
}

bool sorted_names_read(struct sorted_names *names, int folder)
{
    /* A description of its own: closing the stream closes its descriptor, and reading moves its place. */
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        if (fd >= 0) close(fd);
        return false;
    }
    bool complete = read_all(names, stream);
    int error = errno;
    closedir(stream);
    errno = error;
    if (complete && names->count > 1) qsort(names->names, names->count, sizeof *names->names, by_text);
    return complete;
}

void sorted_names_free(struct sorted_names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->names[i]);
    free(names->names);
}
