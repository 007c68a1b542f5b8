/*
 * `rund-jail dns SOCKET`: relays each connection to its standard input, a listening socket, to SOCKET, bytes and passed
 * descriptors in both directions. This is how a jail on macOS reaches the host's mDNSResponder, which looks up all names
 * there; a link to its socket is refused from within a jail. It runs until it is ended, a process for each jail, so that
 * what a jail does to it, it does to itself alone.
 */
#include "subcommand.h"

#include "clock.h"
#include "descriptors.h"
#include "dns_client.h"
#include "socket_address.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Each process of a jail that looks up a name keeps a connection. Further ones wait in the queue of the socket, which
 * then is full for this jail only.
 */
enum { MOST_CLIENTS = 512 };
/* How often a full service is asked again, and how long nobody is let in when there are no descriptors left. */
enum { RETRY_MILLISECONDS = 20, PAUSE_MILLISECONDS = 200 };

static struct dns_client *clients[MOST_CLIENTS];
static size_t client_count;
static struct sockaddr_un service;
static int64_t closed_until;

static void let_in(void)
{
    int jail = accept(STDIN_FILENO, NULL, NULL);
    if (jail < 0) {
        bool gone = errno == ECONNABORTED || errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
        if (!gone) closed_until = clock_milliseconds() + PAUSE_MILLISECONDS;
        return;
    }
    struct dns_client *client = dns_client_open(jail, &service);
    if (client != NULL) clients[client_count++] = client;
}

/* Fills the list of what is waited for, the listening socket first; returns for how long. */
static int want(struct pollfd *wanted)
{
    int64_t now = clock_milliseconds();
    bool open = client_count < MOST_CLIENTS && now >= closed_until;
    int timeout = now < closed_until ? (int)(closed_until - now) : -1;
    wanted[0] = (struct pollfd){.fd = open ? STDIN_FILENO : -1, .events = POLLIN};
    for (size_t i = 0; i < client_count; i++) {
        dns_client_wants(clients[i], &wanted[1 + 2 * i]);
        if (clients[i]->connecting_until != 0) timeout = RETRY_MILLISECONDS;
    }
    return timeout;
}

static void go_on(const struct pollfd *seen)
{
    size_t kept = 0;
    for (size_t i = 0; i < client_count; i++) {
        if (dns_client_go_on(clients[i], &seen[1 + 2 * i], &service)) clients[kept++] = clients[i];
        else dns_client_close(clients[i]);
    }
    client_count = kept;
}

int dns_main(int argc, char **argv)
{
    static struct pollfd wanted[1 + 2 * MOST_CLIENTS];
    if (argc != 2) {
        fprintf(stderr, "usage: rund-jail dns SOCKET < LISTENING-SOCKET\n");
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    if (!socket_address_from_folder(argv[1], &service)) {
        fprintf(stderr, "dns: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    set_nonblocking(STDIN_FILENO, 1);
    for (;;) {
        int timeout = want(wanted);
        int found = poll(wanted, (nfds_t)(1 + 2 * client_count), timeout);
        if (found < 0 && errno != EINTR && errno != EAGAIN) return 1;
        if (found < 0) continue;
        go_on(wanted);
        if (wanted[0].revents != 0) let_in();
    }
}
