#include "unread.h"

#include "clock.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>

enum { FIRST_OUTPUT = 3, READ_MILLISECONDS = 200 };

static bool is_unread(long count)
{
    for (int fd = FIRST_OUTPUT; fd < FIRST_OUTPUT + count; fd++) {
        int bytes = 0;
        if (ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0) return true;
    }
    return false;
}

void await_readers(long count)
{
    int64_t deadline = clock_milliseconds() + READ_MILLISECONDS;
    while (is_unread(count) && clock_milliseconds() < deadline) poll(NULL, 0, 1);
}
