#include "mount_process.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Linux 5.3 and later. */
enum process_wait process_await(pid_t pid, bool (*is_gone)(pid_t pid, const char *started), const char *started,
                                int milliseconds)
{
    struct pollfd process = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    if (process.fd < 0) return PROCESS_UNKNOWN;
    int found = is_gone(pid, started) ? 1 : poll(&process, 1, milliseconds);
    close(process.fd);
    return found > 0 ? PROCESS_ENDED : found == 0 ? PROCESS_RUNS : PROCESS_UNKNOWN;
}
