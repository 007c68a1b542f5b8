#include "program.h"

#include "failure.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static const char *path_of(char *const *env)
{
    for (; *env != NULL; env++) {
        if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
    }
    return default_path;
}

/* 0 or why `path` cannot be run. */
static int why_not(const char *path, bool *missing)
{
    struct stat status;
    *missing = stat(path, &status) != 0;
    if (*missing) return errno;
    if (S_ISDIR(status.st_mode)) return EISDIR;
    if (!S_ISREG(status.st_mode)) return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno;
}

static const char *find_by_path(const char *name)
{
    bool missing;
    int error = why_not(name, &missing);
    if (error == 0) return name;
    if (missing) fail(error, "exec: \"%s\": stat %s", name, name);
    fail(error, "exec: \"%s\"", name);
}

static const char *find_in(const char *directories, const char *name)
{
    static char candidate[PATH_MAX];
    size_t name_length = strlen(name);
    for (const char *at = directories;; at++) {
        size_t length = strcspn(at, ":");
        /* An empty entry is the working directory. */
        const char *directory = length == 0 ? "." : at;
        size_t directory_length = length == 0 ? 1 : length;
        if (directory_length + 1 + name_length < sizeof candidate) {
            memcpy(candidate, directory, directory_length);
            candidate[directory_length] = '/';
            memcpy(candidate + directory_length + 1, name, name_length + 1);
            bool missing;
            if (why_not(candidate, &missing) == 0) return candidate;
        }
        at += length;
        if (*at == '\0') return NULL;
    }
}

const char *program_find(const char *name, char *const *env)
{
    if (strchr(name, '/') != NULL) return find_by_path(name);
    const char *found = name[0] == '\0' ? NULL : find_in(path_of(env), name);
    if (found == NULL) fail_text(ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
    return found;
}
