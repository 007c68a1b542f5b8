#include "mount_process.h"

#include <signal.h>
#include <string.h>
#include <time.h>

enum { STEP_MILLISECONDS = 5, GRACE_MILLISECONDS = 250 };

static bool is_gone(pid_t pid, const char *started)
{
    return started[0] == '\0' || strcmp(process_started(pid).text, started) != 0;
}

static bool wait_gone(pid_t pid, const char *started, int milliseconds)
{
    if (is_gone(pid, started)) return true;
    if (milliseconds == 0) return false;
    enum process_wait result = process_await(pid, is_gone, started, milliseconds);
    if (result != PROCESS_UNKNOWN) return result == PROCESS_ENDED;
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
