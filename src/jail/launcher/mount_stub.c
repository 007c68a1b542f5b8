#include "mount_stub.h"

#include "mount_journal.h"
#include "mount_mark.h"
#include "mount_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FORGOTTEN_LIMIT = 256, KNOWN_LIMIT = 1024, LOCK_TRIES = 100 };

static dev_t forgotten[FORGOTTEN_LIMIT];
static size_t forgotten_count;
/* The stubs in our journal. */
static struct {
    dev_t device;
    ino_t inode;
} known[KNOWN_LIMIT];
static size_t known_count;

void stub_forget_on(dev_t device)
{
    if (forgotten_count < FORGOTTEN_LIMIT) forgotten[forgotten_count++] = device;
}

static bool is_forgotten(dev_t device)
{
    for (size_t i = 0; i < forgotten_count; i++) {
        if (forgotten[i] == device) return true;
    }
    return false;
}

void modified_time(const struct stat *status, char text[48])
{
#ifdef __APPLE__
    const struct timespec time = status->st_mtimespec;
#else
    const struct timespec time = status->st_mtim;
#endif
    snprintf(text, 48, "%lld.%09ld", (long long)time.tv_sec, time.tv_nsec);
}

void folder_time(int folder, char text[48])
{
    struct stat status = {0};
    fstat(folder, &status);
    modified_time(&status, text);
}

void folder_time_restore(int folder, const char *from, const char *to)
{
    char now[48];
    char *end;
    folder_time(folder, now);
    if (strcmp(now, from) != 0) return;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)strtoll(to, &end, 10)}};
    if (*end == '.') times[1].tv_nsec = strtol(end + 1, NULL, 10);
    int readable = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readable < 0) return;
    futimens(readable, times);
    close(readable);
}

static bool make(int parent, const char *name, int kind, mode_t mode, dev_t number)
{
    if (kind == STUB_DIRECTORY) return mkdirat(parent, name, mode) == 0;
    if (kind == STUB_NODE) return make_node(parent, name, mode, number);
    int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0) return false;
    close(file);
    return true;
}

static bool is_known(const struct stat *status)
{
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].device == status->st_dev && known[i].inode == status->st_ino) return true;
    }
    return false;
}

static void journal_made(const struct base *base, const char *path, const char *kind, const struct stat *made,
                         const char *before, const char *after)
{
    char device[32], inode[32];
    snprintf(device, sizeof device, "%ju", (uintmax_t)made->st_dev);
    snprintf(inode, sizeof inode, "%ju", (uintmax_t)made->st_ino);
    journal_step("made", base->path, path, kind, device, inode, before, after);
    if (known_count == KNOWN_LIMIT) return;
    known[known_count].device = made->st_dev;
    known[known_count++].inode = made->st_ino;
}

void stub_adopt(const struct base *base, const char *path, int parent, const char *name)
{
    struct stat status;
    /* A read-only view shows the marks of the folder behind it, where we have the stubs in our journal already. */
    if (faccessat(parent, ".", W_OK, 0) != 0) return;
    int fd = openat(parent, name, OPEN_ENTRY | O_CLOEXEC);
    if (fd < 0) return;
    if (mark_is_set(fd) && fstat(fd, &status) == 0 && !is_known(&status)) {
        journal_made(base, path, S_ISDIR(status.st_mode) ? "d" : "f", &status, "", "");
    }
    close(fd);
}

int stub_lock(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; fd >= 0 && i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return fd;
}

bool stub_make(const struct base *base, const char *path, int parent, const char *name, int kind, mode_t mode,
               dev_t number)
{
    struct stat folder, made;
    if (fstat(parent, &folder) != 0) return false;
    if (is_forgotten(folder.st_dev)) return make(parent, name, kind, mode, number);
    char kind_text[2] = {(char)kind, '\0'}, before[48], after[48];
    modified_time(&folder, before);
    journal_step("make", base->path, path, kind_text);
    if (!make(parent, name, kind, mode, number)) return false;
    mark_set(parent, name);
    folder_time(parent, after);
    if (fstatat(parent, name, &made, AT_SYMLINK_NOFOLLOW) != 0) return false;
    journal_made(base, path, kind_text, &made, before, after);
    return true;
}

static bool bind_for_all(int fd, const struct sockaddr_un *address)
{
    mode_t mask = umask(0111);
    bool bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(mask);
    return bound;
}

bool stub_bind(const struct base *base, const struct place *place, int socket, const struct sockaddr_un *address)
{
    const char kind[] = {STUB_SOCKET, '\0'};
    struct stat folder, made;
    char before[48], after[48];
    if (fstat(place->parent, &folder) != 0) return false;
    modified_time(&folder, before);
    journal_step("make", base->path, place->path, kind);
    if (!bind_for_all(socket, address)) return false;
    folder_time(place->parent, after);
    if (fstatat(place->parent, place->name, &made, AT_SYMLINK_NOFOLLOW) != 0) return false;
    journal_made(base, place->path, kind, &made, before, after);
    return true;
}

/* Whether what is there is still the stub, untouched. */
static bool is_ours(const struct record *step, bool done, const struct stat *status)
{
    int kind = record_field(step, 3)[0];
    if (kind == STUB_DIRECTORY && !S_ISDIR(status->st_mode)) return false;
    if (kind == STUB_FILE && (!S_ISREG(status->st_mode) || status->st_size != 0)) return false;
    if (kind == STUB_SOCKET && !S_ISSOCK(status->st_mode)) return false;
    if (kind == STUB_NODE && (S_ISDIR(status->st_mode) || S_ISREG(status->st_mode))) return false;
    if (!done) return true;
    return strtoull(record_field(step, 4), NULL, 10) == (uintmax_t)status->st_dev &&
           strtoull(record_field(step, 5), NULL, 10) == (uintmax_t)status->st_ino;
}

void stub_remove(const struct record *step, bool done)
{
    struct base base = {.path = record_field(step, 1)};
    struct place place;
    struct stat status;
    base.fd = stub_lock(base.path);
    if (base.fd < 0) return;
    if (!place_find_exact(&base, record_field(step, 2), &place)) {
        close(base.fd);
        return;
    }
    if (fstatat(place.parent, place.name, &status, AT_SYMLINK_NOFOLLOW) == 0 && is_ours(step, done, &status)) {
        char after[48];
        folder_time(place.parent, after);
        bool removed = unlinkat(place.parent, place.name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) == 0;
        /* Busy: another jail that shares the folder has mounted on it and will remove it. */
        if (!removed && errno != ENOTEMPTY && errno != EEXIST && errno != EBUSY) {
            note("mount point %s%s stays: %s", base.path, place.path, strerror(errno));
        }
        if (removed && done && strcmp(after, record_field(step, 7)) == 0) {
            folder_time(place.parent, after);
            folder_time_restore(place.parent, after, record_field(step, 6));
        }
    }
    place_close(&place);
    close(base.fd);
}
