#include "process_table.h"

#include "text_file.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `process` is /proc/PID or /proc/PID/task/TID. */
static bool read_activity(const char *process, char *state, int *parent)
{
    char path[96];
    snprintf(path, sizeof path, "%s/stat", process);
    char *stat = text_file_read(path, NULL);
    const char *rest = stat == NULL ? NULL : strrchr(stat, ')');
    bool known = rest != NULL && sscanf(rest, ") %c %d", state, parent) == 2;
    free(stat);
    return known;
}

bool process_observe(pid_t pid, struct process_activity *activity)
{
    char path[64], state;
    int parent;
    snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    if (!read_activity(path, &state, &parent)) return false;
    *activity = (struct process_activity){.parent = (pid_t)parent, .stopped = true, .halted = true};
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *directory = opendir(path);
    if (directory == NULL) return false;
    bool lives = false;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)pid, strtol(entry->d_name, NULL, 10));
        if (!read_activity(path, &state, &parent) || state == 'Z' || state == 'X') continue;
        lives = true;
        if (state != 'T') activity->stopped = false;
        if (state != 'T' && state != 't' && state != 'D') activity->halted = false;
    }
    closedir(directory);
    return lives;
}
