#include "mount_path.h"

#include "mount_stub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Links and retries in one path: more than any system follows, and an end for a process that swaps for ever. */
enum { DEPTH_LIMIT = 256, PATIENCE = 200, REST_SIZE = 2 * PATH_MAX };

struct walk {
    const struct base *base;
    enum create create;
    bool exact;
    int patience;
    /* The folders on the way, the base first, and how much of `path` leads to each. */
    int folders[DEPTH_LIMIT];
    size_t lengths[DEPTH_LIMIT];
    size_t depth;
    char path[PATH_MAX];
    char rest[REST_SIZE];
};

static bool fail_with(int error)
{
    errno = error;
    return false;
}

static int walk_top(const struct walk *walk)
{
    return walk->folders[walk->depth];
}

static void walk_up(struct walk *walk)
{
    if (walk->depth == 0) return;
    close(walk->folders[walk->depth--]);
    walk->path[walk->lengths[walk->depth]] = '\0';
}

static bool walk_append(struct walk *walk, const char *name)
{
    size_t length = walk->lengths[walk->depth];
    if (length + 1 + strlen(name) >= sizeof walk->path) return fail_with(ENAMETOOLONG);
    snprintf(walk->path + length, sizeof walk->path - length, "/%s", name);
    return true;
}

static bool walk_down(struct walk *walk, int folder)
{
    if (walk->depth + 1 == DEPTH_LIMIT) {
        close(folder);
        return fail_with(ENAMETOOLONG);
    }
    walk->folders[++walk->depth] = folder;
    walk->lengths[walk->depth] = strlen(walk->path);
    return true;
}

/* Takes the next component off the rest; false at the end. */
static bool take_component(struct walk *walk, char name[NAME_MAX + 1], bool *last)
{
    char *start = walk->rest;
    while (start[0] == '/' || (start[0] == '.' && (start[1] == '/' || start[1] == '\0'))) start++;
    size_t length = strcspn(start, "/");
    if (length == 0) return false;
    if (length > NAME_MAX) length = NAME_MAX + 1;
    else {
        memcpy(name, start, length);
        name[length] = '\0';
    }
    char *after = start + length;
    while (after[0] == '/' || (after[0] == '.' && (after[1] == '/' || after[1] == '\0'))) after++;
    *last = after[0] == '\0';
    memmove(walk->rest, after, strlen(after) + 1);
    if (length > NAME_MAX) name[0] = '\0';
    return true;
}

/* Puts a link's text before the rest; an absolute one starts at the base again. */
static bool walk_link(struct walk *walk, const char *text)
{
    char rest[REST_SIZE];
    if (walk->exact) return fail_with(ELOOP);
    if (snprintf(rest, sizeof rest, "%s/%s", text, walk->rest) >= REST_SIZE) return fail_with(ENAMETOOLONG);
    memcpy(walk->rest, rest, strlen(rest) + 1);
    if (text[0] == '/') {
        while (walk->depth > 0) walk_up(walk);
    }
    return true;
}

enum kind { KIND_FAILED, KIND_MISSING, KIND_LINK, KIND_OTHER };

static enum kind look(const struct walk *walk, const char *name, char link[PATH_MAX])
{
    ssize_t length = readlinkat(walk_top(walk), name, link, PATH_MAX - 1);
    if (length >= 0) {
        link[length] = '\0';
        return KIND_LINK;
    }
    if (errno == EINVAL) return KIND_OTHER;
    return errno == ENOENT ? KIND_MISSING : KIND_FAILED;
}

static bool walk_create(struct walk *walk, const char *name, bool last)
{
    bool wanted = walk->create != CREATE_NOTHING && !(last && walk->create == CREATE_PARENTS);
    if (!wanted) return fail_with(ENOENT);
    bool file = last && walk->create == CREATE_FILE;
    if (!walk_append(walk, name)) return false;
    bool made = stub_make(walk->base, walk->path, walk_top(walk), name, file ? STUB_FILE : STUB_DIRECTORY,
                          file ? 0644 : 0755, 0);
    walk->path[walk->lengths[walk->depth]] = '\0';
    return made || errno == EEXIST;
}

static void walk_adopt(struct walk *walk, const char *name)
{
    if (walk->create == CREATE_NOTHING || !walk_append(walk, name)) return;
    stub_adopt(walk->base, walk->path, walk_top(walk), name);
    walk->path[walk->lengths[walk->depth]] = '\0';
}

/* Goes into a folder that was no link a moment ago; when it has been swapped since, the caller looks again. */
static bool walk_into(struct walk *walk, const char *name, bool *again)
{
    struct stat status;
    int folder = openat(walk_top(walk), name, OPEN_FOLDER | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0) return walk_append(walk, name) ? walk_down(walk, folder) : (close(folder), false);
    int error = errno;
    bool plain = fstatat(walk_top(walk), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode) &&
                 !S_ISLNK(status.st_mode);
    *again = !plain && (error == ENOTDIR || error == ELOOP || error == ENOENT);
    return fail_with(plain ? ENOTDIR : error);
}

enum turn { TURN_NEXT, TURN_FOUND, TURN_FAILED };

static enum turn walk_component(struct walk *walk, const char *name, bool last)
{
    char link[PATH_MAX];
    if (last && walk->exact) return TURN_FOUND;
    while (walk->patience-- > 0) {
        bool again = false;
        switch (look(walk, name, link)) {
        case KIND_FAILED: return TURN_FAILED;
        case KIND_LINK: return walk_link(walk, link) ? TURN_NEXT : TURN_FAILED;
        case KIND_MISSING:
            if (last && walk->create == CREATE_PARENTS) return TURN_FOUND;
            if (!walk_create(walk, name, last)) return TURN_FAILED;
            break;
        case KIND_OTHER:
            walk_adopt(walk, name);
            if (last) return TURN_FOUND;
            if (walk_into(walk, name, &again)) return TURN_NEXT;
            if (!again) return TURN_FAILED;
        }
    }
    errno = ELOOP;
    return TURN_FAILED;
}

/* Hands out where the walk ended: `name` in the top folder, or the top folder itself. */
static bool walk_found(struct walk *walk, const char *name, struct place *place)
{
    char own[NAME_MAX + 1] = "";
    if (name == NULL && walk->depth > 0) {
        const char *slash = strrchr(walk->path, '/');
        snprintf(own, sizeof own, "%s", slash == NULL ? "" : slash + 1);
        walk_up(walk);
        name = own;
    }
    if (name != NULL && !walk_append(walk, name)) return false;
    snprintf(place->name, sizeof place->name, "%s", name == NULL ? "" : name);
    snprintf(place->path, sizeof place->path, "%s", walk->path[0] == '\0' ? "/" : walk->path);
    place->parent = fcntl(walk_top(walk), F_DUPFD_CLOEXEC, 3);
    return place->parent >= 0;
}

static bool walk_run(struct walk *walk, struct place *place)
{
    char name[NAME_MAX + 1];
    bool last;
    while (take_component(walk, name, &last)) {
        if (name[0] == '\0') return fail_with(ENAMETOOLONG);
        if (strcmp(name, "..") == 0) {
            if (walk->exact) return fail_with(ELOOP);
            walk_up(walk);
            continue;
        }
        enum turn turn = walk_component(walk, name, last);
        if (turn == TURN_FAILED) return false;
        if (turn == TURN_FOUND) return walk_found(walk, name, place);
    }
    return walk_found(walk, NULL, place);
}

static bool find(const struct base *base, const char *path, enum create create, bool exact, struct place *place)
{
    struct walk walk = {.base = base, .create = create, .exact = exact, .patience = PATIENCE};
    if (strlen(path) >= sizeof walk.rest) return fail_with(ENAMETOOLONG);
    memcpy(walk.rest, path, strlen(path) + 1);
    walk.folders[0] = fcntl(base->fd, F_DUPFD_CLOEXEC, 3);
    if (walk.folders[0] < 0) return false;
    bool found = walk_run(&walk, place);
    int error = errno;
    while (walk.depth > 0) walk_up(&walk);
    close(walk.folders[0]);
    errno = error;
    return found;
}

bool place_find(const struct base *base, const char *path, enum create create, struct place *place)
{
    return find(base, path, create, false, place);
}

bool place_find_exact(const struct base *base, const char *path, struct place *place)
{
    return find(base, path, CREATE_NOTHING, true, place);
}

int place_open(const struct place *place)
{
    if (place->name[0] == '\0') return fcntl(place->parent, F_DUPFD_CLOEXEC, 3);
    return openat(place->parent, place->name, OPEN_ENTRY | O_CLOEXEC);
}

void place_close(struct place *place)
{
    close(place->parent);
    place->parent = -1;
}
