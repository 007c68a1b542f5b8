#include "mount_claim.h"

#include "mount_folders.h"
#include "mount_journal.h"
#include "mount_report.h"
#include "root_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The journal of the bundle that holds the claim; "" when nobody does. */
static void read_holder(const char *file, char journal[PATH_MAX])
{
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, journal, PATH_MAX - 1);
    if (fd >= 0) close(fd);
    journal[length < 0 ? 0 : length] = '\0';
}

static bool write_holder(const char *file, const char *journal)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool written = write(fd, journal, strlen(journal)) == (ssize_t)strlen(journal);
    return close(fd) == 0 && written;
}

/* Claims are looked at and changed one after the other. */
static int lock_folder(const char *file)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", file);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) *slash = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) flock(fd, LOCK_EX);
    return fd;
}

void claim(const struct record *record)
{
    const char *folder = record_field(record, 1), *root = record_field(record, 2), *journal = record_field(record, 3);
    char file[PATH_MAX], holder[PATH_MAX];
    struct stat status;
    if (stat(root, &status) != 0) give_up(errno, "root", "%s", root);
    /* A view of it would not be told from any other folder later. */
    if (is_own_root(&status)) give_up(0, "root", "%s", "is the host's own root");
    folders_make(folder);
    snprintf(file, sizeof file, "%s/%ju-%ju", folder, (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    int lock = lock_folder(file);
    read_holder(file, holder);
    if (holder[0] != '\0' && strcmp(holder, journal) != 0 && access(holder, F_OK) == 0) {
        give_up(EBUSY, "root", "%s belongs to another running container (%s)", root, holder);
    }
    journal_step("claim", file, journal);
    if (!write_holder(file, journal)) give_up(errno, "root", "claim %s", file);
    close(lock);
}

void claim_release(const struct record *step)
{
    const char *file = record_field(step, 1);
    char holder[PATH_MAX];
    int lock = lock_folder(file);
    read_holder(file, holder);
    /* A writer that was killed leaves a text that names no journal. */
    if (strcmp(holder, record_field(step, 2)) == 0 || access(holder, F_OK) != 0) unlink(file);
    if (lock >= 0) close(lock);
}
