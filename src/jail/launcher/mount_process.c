#include "mount_process.h"

#ifdef __linux__

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MILLISECONDS = 5, GRACE_MILLISECONDS = 250 };

static bool read_status(pid_t pid, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, size - 1);
    close(file);
    if (length <= 0) return false;
    text[length] = '\0';
    return true;
}

struct process_start process_started(pid_t pid)
{
    /* Field 3 is the state, field 22 the start; the name before them may hold anything, parentheses too. */
    enum { STATE = 3, START = 22 };
    struct process_start start = {""};
    char text[1024], *rest = NULL;
    if (!read_status(pid, text, sizeof text)) return start;
    char *after_name = strrchr(text, ')');
    if (after_name == NULL) return start;
    const char *field = strtok_r(after_name + 1, " ", &rest);
    if (field == NULL || field[0] == 'Z' || field[0] == 'X') return start;
    for (int i = STATE; i < START && field != NULL; i++) field = strtok_r(NULL, " ", &rest);
    if (field != NULL) snprintf(start.text, sizeof start.text, "%s", field);
    return start;
}

static bool is_gone(pid_t pid, const char *started)
{
    return started[0] == '\0' || strcmp(process_started(pid).text, started) != 0;
}

static bool wait_gone(pid_t pid, const char *started, int milliseconds)
{
    for (int waited = 0; !is_gone(pid, started); waited += STEP_MILLISECONDS) {
        if (waited >= milliseconds) return false;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MILLISECONDS * 1000000L}, NULL);
    }
    return true;
}

bool process_end(pid_t pid, const char *started, int milliseconds)
{
    if (pid <= 1 || wait_gone(pid, started, milliseconds)) return true;
    kill(pid, SIGTERM);
    if (wait_gone(pid, started, GRACE_MILLISECONDS)) return true;
    kill(pid, SIGKILL);
    return wait_gone(pid, started, GRACE_MILLISECONDS);
}

#endif
