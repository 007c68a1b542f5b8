#include "subcommand.h"

#include "tree_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static bool take(int fd, bool wait)
{
    int result;
    do result = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/*
 * lock [--wait] FOLDER: holds the only lock on a folder until its standard input ends, as it does with whoever holds the
 * other end, however that dies. Prints "locked" once it has it; fails with EBUSY when another has it, or waits.
 */
int lock_main(int argc, char **argv)
{
    bool wait = argc == 3 && strcmp(argv[1], "--wait") == 0;
    if (argc != 2 && !wait) {
        fputs("usage: rund-jail lock [--wait] FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    const char *folder = argv[argc - 1];
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return tree_failure(folder, NULL);
    if (!take(fd, wait)) {
        if (errno == EWOULDBLOCK) errno = EBUSY;
        return tree_failure(folder, NULL);
    }
    if (puts("locked") < 0 || fflush(stdout) != 0) return EXIT_FAILURE;
    char ignored;
    ssize_t got;
    do got = read(STDIN_FILENO, &ignored, 1);
    while (got > 0 || (got < 0 && errno == EINTR));
    return EXIT_SUCCESS;
}
