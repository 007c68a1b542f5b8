#include "mount_detach.h"

#include <time.h>

static struct timespec patience_ends;

void detach_patience(int milliseconds)
{
    clock_gettime(CLOCK_MONOTONIC, &patience_ends);
    patience_ends.tv_sec += milliseconds / 1000;
    patience_ends.tv_nsec += (milliseconds % 1000) * 1000000L;
    if (patience_ends.tv_nsec >= 1000000000L) {
        patience_ends.tv_sec++;
        patience_ends.tv_nsec -= 1000000000L;
    }
}

bool detach_patience_is_up(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > patience_ends.tv_sec ||
           (now.tv_sec == patience_ends.tv_sec && now.tv_nsec >= patience_ends.tv_nsec);
}
