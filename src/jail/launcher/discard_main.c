/* `rund-jail discard`: reads what it has inherited, from descriptor 3 on, to the end and drops it. */
#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

enum { FIRST = 3, MOST = 2, CHUNK = 64 * 1024 };

/* False at the end, or when it cannot be read. */
static int drop(int fd)
{
    static char chunk[CHUNK];
    ssize_t count = read(fd, chunk, sizeof chunk);
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

int discard_main(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) return EXIT_USAGE;
    struct pollfd inputs[MOST];
    nfds_t count = 0;
    for (int fd = FIRST; fd < FIRST + MOST; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) inputs[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    while (count > 0) {
        if (poll(inputs, count, -1) < 0 && errno != EINTR) return 1;
        for (nfds_t i = count; i-- > 0;) {
            if (inputs[i].revents != 0 && !drop(inputs[i].fd)) inputs[i] = inputs[--count];
        }
    }
    return 0;
}
