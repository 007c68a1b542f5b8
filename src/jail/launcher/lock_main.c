#include "subcommand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * lock FILE: waits for the lock on a file, which is made when missing, says so, and holds it until its input ends: the
 * kernel gives it back however whoever asked for it ends.
 */
int lock_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail lock FILE\n", stderr);
        return EXIT_USAGE;
    }
    int fd = open(argv[1], O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    while (flock(fd, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    if (puts("locked") < 0 || fflush(stdout) != 0) return EXIT_FAILURE;
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    return EXIT_SUCCESS;
}
