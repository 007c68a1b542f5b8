#include "process_table.h"

#include "text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name may hold spaces and brackets itself, so fields are counted from the last bracket. */
static bool parse_stat(const char *text, struct process_details *details)
{
    const char *rest = strrchr(text, ')');
    int parent;
    unsigned long long user, system;
    long long child_user, child_system;
    if (rest == NULL || sscanf(rest, ") %c %d", &details->state, &parent) != 2) return false;
    long threads, resident;
    if (sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld %*d %*d %ld %*d %*u %*u %ld", &user,
               &system, &child_user, &child_system, &threads, &resident) != 6) {
        return false;
    }
    uint64_t tick = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    details->parent = (pid_t)parent;
    details->threads = (unsigned long)threads;
    details->resident_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    details->user_microseconds = (uint64_t)user * tick;
    details->system_microseconds = (uint64_t)system * tick;
    details->child_user_microseconds = (uint64_t)child_user * tick;
    details->child_system_microseconds = (uint64_t)child_system * tick;
    return true;
}

static char *process_file(pid_t pid, const char *name, size_t *size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    return text_file_read(path, size);
}

bool process_has_user(pid_t pid, uid_t uid)
{
    char *text = process_file(pid, "status", NULL);
    const char *state = text == NULL ? NULL : strstr(text, "\nState:"), *ids = text == NULL ? NULL : strstr(text, "\nUid:");
    const char *threads = text == NULL ? NULL : strstr(text, "\nThreads:");
    char letter;
    unsigned int found[4];
    long count;
    bool known = state != NULL && sscanf(state, "\nState: %c", &letter) == 1 && threads != NULL &&
                 sscanf(threads, "\nThreads: %ld", &count) == 1 && ids != NULL &&
                 sscanf(ids, "\nUid: %u %u %u %u", &found[0], &found[1], &found[2], &found[3]) == 4;
    free(text);
    /* When its first thread has ended, a process looks as if all of it had, but its other threads go on. */
    if (!known || letter == 'X' || (letter == 'Z' && count <= 1)) return false;
    return found[0] == uid || found[1] == uid || found[2] == uid || found[3] == uid;
}

static bool read_uid(pid_t pid, uid_t *uid)
{
    char *text = process_file(pid, "status", NULL);
    if (text == NULL) return false;
    const char *line = strstr(text, "\nUid:");
    unsigned int value;
    /* Real, effective: the effective one is what ps shows. */
    bool found = line != NULL && sscanf(line, "\nUid: %*u %u", &value) == 1;
    if (found) *uid = (uid_t)value;
    free(text);
    return found;
}

/* The sum over all processes is what they take together; resident sizes would count shared pages once for each. */
static uint64_t proportional_bytes(pid_t pid, uint64_t otherwise)
{
    char *text = process_file(pid, "smaps_rollup", NULL);
    const char *line = text == NULL ? NULL : strstr(text, "\nPss:");
    unsigned long long kilobytes;
    bool found = line != NULL && sscanf(line, "\nPss: %llu", &kilobytes) == 1;
    free(text);
    return found ? (uint64_t)kilobytes * 1024 : otherwise;
}

static char *name_in_brackets(const char *stat)
{
    const char *start = strchr(stat, '('), *end = strrchr(stat, ')');
    if (start == NULL || end == NULL || end < start) return NULL;
    char *name = malloc((size_t)(end - start) + 2);
    if (name == NULL) return NULL;
    snprintf(name, (size_t)(end - start) + 2, "[%s", start + 1);
    name[end - start] = ']';
    name[end - start + 1] = '\0';
    return name;
}

static char *read_command(pid_t pid, const char *stat)
{
    size_t size = 0;
    char *command = process_file(pid, "cmdline", &size);
    while (size > 0 && command[size - 1] == '\0') size--;
    if (command == NULL || size == 0) {
        free(command);
        return name_in_brackets(stat);
    }
    for (size_t i = 0; i < size; i++) {
        if (command[i] == '\0') command[i] = ' ';
    }
    return command;
}

bool process_describe(pid_t pid, struct process_details *details)
{
    *details = (struct process_details){0};
    char *stat = process_file(pid, "stat", NULL);
    if (stat == NULL) return false;
    bool known = parse_stat(stat, details) && read_uid(pid, &details->uid);
    bool ended = details->state == 'X' || (details->state == 'Z' && details->threads <= 1);
    if (known && !ended) {
        details->memory_bytes = proportional_bytes(pid, details->resident_bytes);
        details->command = read_command(pid, stat);
    }
    free(stat);
    return details->command != NULL;
}
