#include "subcommand.h"

#include "daemon_process.h"
#include "failure.h"
#include "listening_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A live daemon serves the socket already. */
enum { EXIT_SERVED = 4 };

static int report(const char *deed, const char *what)
{
    char reason[128];
    error_text(errno, reason, sizeof reason);
    fprintf(stderr, "%s %s: %s\n", deed, what, reason);
    return EXIT_FAILURE;
}

/*
 * Listens on a socket and starts the daemon that serves it, which inherits the socket as descriptor 3. Here and not in
 * JavaScript, because a listening descriptor cannot be had there by any public name, and loading what listens and spawns
 * takes longer than all of this.
 */
int daemon_main(int argc, char **argv)
{
    enum { SOCKET = 1, LOG, PROGRAM, NAME, LEAST };
    if (argc < LEAST) {
        fputs("usage: rund-jail daemon SOCKET LOG PROGRAM NAME [ARG...]\n", stderr);
        return EXIT_USAGE;
    }
    int listening = -1;
    switch (listen_unless_served(argv[SOCKET], &listening)) {
    case SOCKET_SERVED:
        return EXIT_SERVED;
    case SOCKET_FAILED:
        return report("listen", argv[SOCKET]);
    case SOCKET_LISTENS:
        break;
    }
    if (start_daemon(listening, argv[LOG], argv[PROGRAM], argv + NAME)) return 0;
    int status = report("start", argv[PROGRAM]);
    unlink(argv[SOCKET]);
    return status;
}
