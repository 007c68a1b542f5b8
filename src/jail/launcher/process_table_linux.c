#include "process_table.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool process_list_all(struct process_list *list)
{
    *list = (struct process_list){0};
    DIR *directory = opendir("/proc");
    if (directory == NULL) return false;
    size_t capacity = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        if (list->count == capacity) {
            capacity = capacity * 2 + 256;
            pid_t *pids = realloc(list->pids, capacity * sizeof *pids);
            if (pids == NULL) break;
            list->pids = pids;
        }
        list->pids[list->count++] = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    closedir(directory);
    return list->pids != NULL;
}

long process_last_made(void)
{
    /* Its last field is the pid given out last, as in "0.10 0.20 0.30 1/234 5678". */
    FILE *file = fopen("/proc/loadavg", "re");
    if (file == NULL) return -1;
    long pid = -1;
    if (fscanf(file, "%*s %*s %*s %*s %ld", &pid) != 1) pid = -1;
    fclose(file);
    return pid;
}

static bool read_link(const char *path, char *target, size_t size)
{
    ssize_t length = readlink(path, target, size - 1);
    if (length < 0) return false;
    target[length] = '\0';
    return true;
}

/* Processes of other mount name spaces show paths of their own, which may look like ours by chance. */
static bool shares_our_mounts(const char *process)
{
    char path[96], theirs[64], ours[64];
    snprintf(path, sizeof path, "%s/ns/mnt", process);
    if (!read_link(path, theirs, sizeof theirs) || !read_link("/proc/self/ns/mnt", ours, sizeof ours)) return true;
    return strcmp(theirs, ours) == 0;
}

/* The mark that the kernel puts behind the path of a removed directory, or NULL; a name may end so too. */
static char *deleted_mark(char *path)
{
    static const char mark[] = " (deleted)";
    size_t length = strlen(path), mark_length = sizeof mark - 1;
    if (length < mark_length || strcmp(path + length - mark_length, mark) != 0) return NULL;
    return path + length - mark_length;
}

/* `process` is /proc/PID or /proc/PID/task/TID. False with errno when its root cannot be read. */
static bool root_in_jail(const struct jail_root *root, const char *process, bool *inside)
{
    char link[96], path[PATH_MAX + 16];
    snprintf(link, sizeof link, "%s/root", process);
    struct stat status;
    if (!read_link(link, path, sizeof path)) return false;
    char *mark = deleted_mark(path);
    enum jail_root_match match = jail_root_compare(root, path);
    *inside = match != OUTSIDE;
    /* Nearly all processes of a host end here, for one system call each. */
    if (!*inside && mark == NULL) return true;
    bool known = stat(link, &status) == 0;
    if (known && mark != NULL && status.st_nlink == 0) {
        *mark = '\0';
        match = jail_root_compare(root, path);
        *inside = match != OUTSIDE;
    }
    if (*inside && !shares_our_mounts(process)) {
        *inside = known && root->exists && status.st_dev == root->device;
        if (match == SAME) *inside = *inside && status.st_ino == root->inode;
    }
    return true;
}

/* When its first thread has ended, a process has no root of its own to show, but its other threads go on. */
static bool thread_in_jail(const struct jail_root *root, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *directory = opendir(path);
    if (directory == NULL) return false;
    bool inside = false;
    for (struct dirent *entry; !inside && (entry = readdir(directory)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        long thread = strtol(entry->d_name, NULL, 10);
        snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)pid, thread);
        if (!root_in_jail(root, path, &inside)) inside = false;
    }
    closedir(directory);
    return inside;
}

bool process_has_root(pid_t pid, const struct jail_root *root)
{
    char process[32];
    snprintf(process, sizeof process, "/proc/%ld", (long)pid);
    bool inside;
    if (root_in_jail(root, process, &inside)) return inside;
    return errno == ENOENT && thread_in_jail(root, pid);
}

bool process_signal_in_jail(const struct jail *jail, pid_t pid, int signal)
{
    if (!process_in_jail(jail, pid)) return false;
    /* A second look once we hold the process: if the pid changed hands before, the handle shows who has it now. */
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    if (handle < 0 && errno == ESRCH) return false;
    bool inside = process_in_jail(jail, pid);
    if (inside && handle < 0) inside = kill(pid, signal) == 0 || errno != ESRCH;
    else if (inside) inside = syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) == 0 || errno != ESRCH;
    if (handle >= 0) close(handle);
    return inside;
}
