#include "subcommand.h"

#include "tree_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * lock FOLDER: holds the only lock on a folder until its standard input ends, as it does with whoever holds the other end,
 * however that dies. Prints "locked" once it has it; fails with EBUSY when another has it.
 */
int lock_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail lock FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    int fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return tree_failure(argv[1], NULL);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) errno = EBUSY;
        return tree_failure(argv[1], NULL);
    }
    if (puts("locked") < 0 || fflush(stdout) != 0) return EXIT_FAILURE;
    char ignored;
    ssize_t got;
    do got = read(STDIN_FILENO, &ignored, 1);
    while (got > 0 || (got < 0 && errno == EINTR));
    return EXIT_SUCCESS;
}
