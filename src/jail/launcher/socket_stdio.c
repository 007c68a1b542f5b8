#include "socket_stdio.h"

#include "descriptors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool take(int socket, int place)
{
    if (dup2(socket, place) < 0) return false;
    close(socket);
    set_nonblocking(place, 0);
    return true;
}

int take_socket_stdio(int argc, char **argv)
{
    bool all = argc > 2 && strcmp(argv[1], "--stdio") == 0;
    if (!all && (argc < 3 || strcmp(argv[1], "--output") != 0)) return 0;
    char *end;
    long first = strtol(argv[2], &end, 10);
    if (*end != '\0' || first <= STDERR_FILENO || first > 1 << 16) return -1;
    int socket = (int)first;
    bool taken = take(socket, STDOUT_FILENO) && take(socket + 1, STDERR_FILENO) && (!all || take(socket + 2, STDIN_FILENO));
    return taken ? 2 : -1;
}
