#include "tree_walk.h"

#include "descriptor_limit.h"
#include "tree_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A small tree is done before a thread has started: only so many folders that wait are worth one. */
enum { MOST_THREADS = 8, FOLDERS_FOR_A_THREAD = 4 };

struct walk {
    const struct tree_visitor *visitor;
    void *context;
    dev_t device;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Folders to be read, the newest first: so the fewest are open at once. */
    struct folder *waiting;
    unsigned waiting_count;
    /* Folders that wait or are being read. */
    unsigned unread;
    pthread_t threads[MOST_THREADS];
    unsigned thread_count;
    unsigned thread_limit;
    atomic_bool stopped;
    int error;
    char *failed;
};

static void *work(void *argument);

/* Keeps the first failure. Everybody stops at the next folder or entry. */
static void stop(struct walk *walk, const struct folder *folder, const char *name)
{
    int error = errno;
    pthread_mutex_lock(&walk->lock);
    if (walk->error == 0) {
        walk->error = error == 0 ? EIO : error;
        walk->failed = folder_path(folder, name);
    }
    pthread_mutex_unlock(&walk->lock);
    atomic_store(&walk->stopped, true);
}

static void push(struct walk *walk, struct folder *folder)
{
    pthread_mutex_lock(&walk->lock);
    folder->next = walk->waiting;
    walk->waiting = folder;
    walk->waiting_count++;
    walk->unread++;
    bool more = walk->waiting_count > FOLDERS_FOR_A_THREAD && walk->thread_count < walk->thread_limit;
    if (more && pthread_create(&walk->threads[walk->thread_count], NULL, work, walk) == 0) walk->thread_count++;
    pthread_cond_signal(&walk->changed);
    pthread_mutex_unlock(&walk->lock);
}

/* The next folder; NULL when all have been read. The one before, which `done` says there was, counts as read now. */
static struct folder *pop(struct walk *walk, bool done)
{
    pthread_mutex_lock(&walk->lock);
    if (done && --walk->unread == 0) pthread_cond_broadcast(&walk->changed);
    while (walk->waiting == NULL && walk->unread > 0) pthread_cond_wait(&walk->changed, &walk->lock);
    struct folder *folder = walk->waiting;
    if (folder != NULL) {
        walk->waiting = folder->next;
        walk->waiting_count--;
    }
    pthread_mutex_unlock(&walk->lock);
    return folder;
}

static bool has_vanished(const struct walk *walk)
{
    return walk->visitor->in_use && (errno == ENOENT || errno == ENOTDIR);
}

static bool visit(struct walk *walk, struct folder *folder, const char *name)
{
    struct stat status;
    if (fstatat(folder_fd(folder), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return has_vanished(walk);
    if (!S_ISDIR(status.st_mode)) {
        return walk->visitor->visit(walk->context, folder, name, &status) || has_vanished(walk);
    }
    if (status.st_dev != walk->device) return true;
    struct folder *below = folder_create(folder, name);
    if (below != NULL) push(walk, below);
    return below != NULL;
}

static bool open_and_enter(struct walk *walk, struct folder *folder)
{
    /* The top is open already. */
    if (folder->stream == NULL && !folder_open(folder)) return false;
    return walk->visitor->enter == NULL || walk->visitor->enter(walk->context, folder);
}

static void read_folder(struct walk *walk, struct folder *folder)
{
    if (!open_and_enter(walk, folder)) {
        if (!has_vanished(walk)) stop(walk, folder, NULL);
        return;
    }
    while (!atomic_load(&walk->stopped)) {
        errno = 0;
        const struct dirent *entry = readdir(folder->stream);
        if (entry == NULL) {
            if (errno != 0) stop(walk, folder, NULL);
            return;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!visit(walk, folder, entry->d_name)) stop(walk, folder, entry->d_name);
    }
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
    for (struct folder *folder; (folder = pop(walk, done)) != NULL; done = true) {
        if (!atomic_load(&walk->stopped)) read_folder(walk, folder);
        release(walk, folder);
    }
    return NULL;
}

static unsigned helper_limit(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 2) return 0;
    return processors > MOST_THREADS ? MOST_THREADS : (unsigned)processors - 1;
}

bool tree_walk(const char *path, int copy, const struct tree_visitor *visitor, void *context, char **failed)
{
    *failed = NULL;
    raise_descriptor_limit();
    struct folder *top = folder_create(NULL, path);
    if (top == NULL) return false;
    struct stat status;
    if (!folder_open(top) || fstat(folder_fd(top), &status) != 0) {
        int error = errno;
        folder_free(top);
        errno = error;
        return false;
    }
    top->copy = copy;
    struct walk walk = {.visitor = visitor, .context = context, .device = status.st_dev,
                        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
                        .thread_limit = helper_limit()};
    push(&walk, top);
    work(&walk);
    for (unsigned i = 0; i < walk.thread_count; i++) pthread_join(walk.threads[i], NULL);
    *failed = walk.failed;
    errno = walk.error;
    return walk.error == 0;
}
