#include "mount_journal.h"

#include "mount_process.h"
#include "mount_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long an undo waits for a `mount` that is still at work, in steps of 10 ms. */
enum { LOCK_TRIES = 100 };

static int fd = -1;
static size_t next;

void journal_create(const char *path)
{
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) give_up(0, "bundle", "in use, or its mounts were not taken back: %s", path);
    if (fd < 0) give_up(errno, path, "journal");
    flock(fd, LOCK_EX);
    /* An undo may have found it before we had the lock, empty, and removed it: nobody would know of what follows. */
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_nlink == 0) give_up(0, "bundle", "%s", "its mounts were taken back meanwhile");
}

static bool lock(void)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

/* Ends a `mount` that hangs, with nobody left who would end it. */
static void end_worker(const struct records *records)
{
    if (records->count == 0 || strcmp(record_field(&records->items[0], 0), "worker") != 0) return;
    const struct record *worker = &records->items[0];
    process_end((pid_t)strtol(record_field(worker, 1), NULL, 10), record_field(worker, 2), 0);
}

bool journal_open(const char *path, struct records *records)
{
    struct stat status;
    fd = open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return false;
    if (fd < 0) give_up(errno, path, "journal");
    bool locked = lock();
    if (!records_read(fd, records)) give_up(errno, path, "journal");
    if (!locked) {
        end_worker(records);
        if (lseek(fd, 0, SEEK_SET) != 0 || !records_read(fd, records)) give_up(errno, path, "journal");
    }
    /* Another undo may have finished while this one waited. */
    return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

void journal_undone(size_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    record_append(fd, "undone", text, NULL);
    /* A record too, so that the numbers of later steps stay right. */
    next++;
}

int journal_fd(void)
{
    return fd;
}

size_t journal_wrote(bool written)
{
    if (!written) give_up(errno, "journal", "write");
    return next++;
}
