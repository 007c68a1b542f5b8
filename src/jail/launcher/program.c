#include "program.h"

#include "failure.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
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

/* The path inside of a folder, or NULL when that is too long; static. */
static const char *inside(const char *folder, const char *path)
{
    static char joined[PATH_MAX];
    int length = snprintf(joined, sizeof joined, "%s%s", folder, path);
    return length > 0 && (size_t)length < sizeof joined ? joined : NULL;
}

static const char *find_by_path(const char *name, const char *home)
{
    bool missing, missing_inside;
    int error = why_not(name, &missing);
    if (error == 0) return name;
    const char *path = home != NULL && name[0] == '/' ? inside(home, name) : NULL;
    if (path != NULL && why_not(path, &missing_inside) == 0) return path;
    if (missing) fail(error, "exec: \"%s\": stat %s", name, name);
    fail(error, "exec: \"%s\"", name);
}

/* `prefix` stands before each of the directories. */
static const char *find_in(const char *prefix, const char *directories, const char *name)
{
    static char candidate[PATH_MAX];
    for (const char *at = directories;; at++) {
        size_t length = strcspn(at, ":");
        /* An empty entry is the working directory. */
        const char *directory = length == 0 ? "." : at;
        int part = length == 0 ? 1 : (int)length;
        int size = snprintf(candidate, sizeof candidate, "%s%.*s/%s", at[0] == '/' ? prefix : "", part, directory, name);
        bool missing;
        if (size > 0 && (size_t)size < sizeof candidate && why_not(candidate, &missing) == 0) return candidate;
        at += length;
        if (*at == '\0') return NULL;
    }
}

const char *program_look(const char *name, char *const *env, const char *home)
{
    if (name[0] == '\0') return NULL;
    const char *found = find_in("", path_of(env), name);
    return found != NULL || home == NULL ? found : find_in(home, path_of(env), name);
}

const char *program_find(const char *name, char *const *env, const char *home)
{
    if (strchr(name, '/') != NULL) return find_by_path(name, home);
    const char *found = program_look(name, env, home);
    if (found == NULL) fail_text(ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
    return found;
}
