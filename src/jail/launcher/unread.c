#include "unread.h"

#include "clock.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>

static bool is_unread(int first, long count)
{
    for (int fd = first; fd < first + count; fd++) {
        int bytes = 0;
        if (ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0) return true;
    }
    return false;
}

void await_readers(int first, long count, long timeout)
{
    int64_t deadline = clock_milliseconds() + timeout;
    while (is_unread(first, count) && clock_milliseconds() < deadline) poll(NULL, 0, 1);
}
