#include "tree_walk.h"

#include "descriptor_limit.h"
#include "tree_folder.h"
#include "tree_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    const struct tree_visitor *visitor;
    void *context;
    struct folder *top;
    dev_t device;
    struct task_queue queue;
    atomic_bool stopped;
    int error;
    char *failed;
};

/* Keeps the first failure. Everybody stops at the next entry. */
static void stop(struct walk *walk, const struct folder *folder, const char *name)
{
    int error = errno;
    pthread_mutex_lock(&walk->queue.lock);
    if (walk->error == 0) {
        walk->error = error == 0 ? EIO : error;
        walk->failed = folder_path(folder, name);
    }
    pthread_mutex_unlock(&walk->queue.lock);
    atomic_store(&walk->stopped, true);
}

static bool has_vanished(const struct walk *walk)
{
    return walk->visitor->in_use && (errno == ENOENT || errno == ENOTDIR);
}

static void visit_all(struct walk *walk, const struct task *batch)
{
    for (size_t i = 0; i < batch->count && !atomic_load(&walk->stopped); i++) {
        const struct task_entry *entry = &batch->entries[i];
        bool visited = walk->visitor->visit(walk->context, batch->folder, entry->name, &entry->status);
        if (!visited && !has_vanished(walk)) stop(walk, batch->folder, entry->name);
    }
}

/* Puts an entry into the batch, and hands that over once it is worth it. False with errno ENOMEM. */
static bool add_to_batch(struct walk *walk, struct task **batch, const char *name, const struct stat *status)
{
    if (!task_add(*batch, name, status)) return false;
    if (!task_is_full(*batch)) return true;
    struct task *next = queue_is_short(&walk->queue) ? task_create((*batch)->folder) : NULL;
    if (next == NULL) {
        visit_all(walk, *batch);
        task_clear(*batch);
        return true;
    }
    atomic_fetch_add(&next->folder->users, 1);
    queue_push(&walk->queue, *batch);
    *batch = next;
    return true;
}

/* A folder's folder; one that is too deep is the top's then. NULL with errno. */
static struct folder *create_below(struct walk *walk, struct folder *folder, const char *name)
{
    if (folder->depth < MOST_DEPTH) return folder_create(folder, name);
    if (walk->visitor->lift == NULL) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    char *lifted = walk->visitor->lift(walk->context, folder, name, walk->top);
    struct folder *below = lifted == NULL ? NULL : folder_create(walk->top, lifted);
    free(lifted);
    return below;
}

static bool look_at(struct walk *walk, struct task **batch, const char *name)
{
    struct folder *folder = (*batch)->folder;
    struct stat status;
    if (fstatat(folder_fd(folder), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return has_vanished(walk);
    if (!S_ISDIR(status.st_mode)) return add_to_batch(walk, batch, name, &status);
    if (status.st_dev != walk->device && !walk->visitor->across_devices) return true;
    struct folder *below = create_below(walk, folder, name);
    if (below == NULL) return has_vanished(walk);
    struct task *task = task_create(below);
    if (task != NULL) queue_push(&walk->queue, task);
    return task != NULL;
}

static bool open_and_enter(struct walk *walk, struct folder *folder)
{
    /* The top is open already. */
    if (folder->stream == NULL && !folder_open(folder)) return false;
    return walk->visitor->enter == NULL || walk->visitor->enter(walk->context, folder);
}

static void read_entries(struct walk *walk, struct folder *folder, struct task **batch)
{
    while (!atomic_load(&walk->stopped)) {
        errno = 0;
        const struct dirent *entry = readdir(folder->stream);
        if (entry == NULL) {
            if (errno != 0) stop(walk, folder, NULL);
            return;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!look_at(walk, batch, entry->d_name)) stop(walk, folder, entry->d_name);
    }
}

static void read_folder(struct walk *walk, struct folder *folder)
{
    struct task *batch = NULL;
    if (!open_and_enter(walk, folder) || (batch = task_create(folder)) == NULL) {
        bool is_mount = folder->stream == NULL && errno == EXDEV;
        if (!is_mount && !has_vanished(walk)) stop(walk, folder, NULL);
        return;
    }
    read_entries(walk, folder, &batch);
    visit_all(walk, batch);
    task_free(batch);
}

/* Leaves the folder if nothing below is left, and then those above it for which the same holds. */
static void release(struct walk *walk, struct folder *folder)
{
    while (folder != NULL && folder_unused(folder)) {
        bool left = folder->stream != NULL && walk->visitor->leave != NULL && !atomic_load(&walk->stopped);
        if (left && !walk->visitor->leave(walk->context, folder) && !has_vanished(walk)) stop(walk, folder, NULL);
        folder = folder_free(folder);
    }
}

static void *work(void *argument)
{
    struct walk *walk = argument;
    bool done = false;
    for (struct task *task; (task = queue_pop(&walk->queue, done)) != NULL; done = true) {
        struct folder *folder = task->folder;
        if (task->count > 0) visit_all(walk, task);
        else if (!atomic_load(&walk->stopped)) read_folder(walk, folder);
        task_free(task);
        release(walk, folder);
    }
    return NULL;
}

bool tree_walk(const char *path, int copy, const struct tree_visitor *visitor, void *context, char **failed)
{
    *failed = NULL;
    raise_descriptor_limit();
    struct folder *top = folder_create(NULL, path);
    struct task *task = top == NULL ? NULL : task_create(top);
    if (task == NULL) return false;
    struct stat status;
    if (!folder_open(top) || fstat(folder_fd(top), &status) != 0) {
        int error = errno;
        folder_free(top);
        task_free(task);
        errno = error;
        return false;
    }
    top->copy = copy;
    struct walk walk = {.visitor = visitor, .context = context, .top = top, .device = status.st_dev};
    queue_init(&walk.queue, work, &walk);
    queue_push(&walk.queue, task);
    work(&walk);
    queue_join(&walk.queue);
    *failed = walk.failed;
    errno = walk.error;
    return walk.error == 0;
}
