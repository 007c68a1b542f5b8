#include "dns_client.h"

#include "clock.h"
#include "descriptors.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* For how long a service with more callers than it can queue is asked again. */
enum { CONNECT_MILLISECONDS = 3000 };

static void start_flows(struct dns_client *client)
{
    client->connecting_until = 0;
    flow_open(&client->up, client->jail, client->host);
    flow_open(&client->down, client->host, client->jail);
}

/* False when nobody serves. */
static bool try_to_connect(struct dns_client *client, const struct sockaddr_un *service)
{
    int result;
    do result = connect(client->host, (const struct sockaddr *)service, sizeof *service);
    while (result != 0 && errno == EINTR);
    if (result == 0 || errno == EINPROGRESS || errno == EISCONN) {
        start_flows(client);
        return true;
    }
    /* Linux's answer to a full queue; macOS refuses then, as it does when nobody is there. */
    return errno == EAGAIN && clock_milliseconds() < client->connecting_until;
}

struct dns_client *dns_client_open(int jail, const struct sockaddr_un *service)
{
    struct dns_client *client = calloc(1, sizeof *client);
    int host = client == NULL ? -1 : socket(AF_UNIX, SOCK_STREAM, 0);
    if (host < 0) {
        free(client);
        close(jail);
        return NULL;
    }
    *client = (struct dns_client){.jail = jail, .host = host};
    client->connecting_until = clock_milliseconds() + CONNECT_MILLISECONDS;
    set_nonblocking(jail, 1);
    set_nonblocking(host, 1);
    if (try_to_connect(client, service)) return client;
    dns_client_close(client);
    return NULL;
}

/* A side of which nothing is wanted is left out: its end would be told again and again. */
static void want(struct pollfd *wanted, int fd, bool input, bool output)
{
    *wanted = (struct pollfd){.fd = input || output ? fd : -1};
    wanted->events = (short)((input ? POLLIN : 0) | (output ? POLLOUT : 0));
}

void dns_client_wants(const struct dns_client *client, struct pollfd wanted[2])
{
    bool connected = client->connecting_until == 0;
    const struct flow *up = &client->up, *down = &client->down;
    want(&wanted[0], client->jail, connected && flow_waits_for_input(up), connected && flow_waits_for_output(down));
    want(&wanted[1], client->host, connected && flow_waits_for_input(down), connected && flow_waits_for_output(up));
}

/* Whether a flow that waited may go on; an error or an end counts, the next call says which. */
static bool flow_go_on(struct flow *flow, const struct pollfd *from, const struct pollfd *to)
{
    const int input = POLLIN | POLLHUP | POLLERR | POLLNVAL, output = POLLOUT | POLLHUP | POLLERR | POLLNVAL;
    if (flow_waits_for_output(flow)) return (to->revents & output) == 0 || flow_write(flow);
    if (flow_waits_for_input(flow)) return (from->revents & input) == 0 || flow_read(flow);
    return true;
}

static bool is_over(const struct flow *flow)
{
    return flow->ended && !flow_waits_for_output(flow);
}

bool dns_client_go_on(struct dns_client *client, const struct pollfd seen[2], const struct sockaddr_un *service)
{
    if (client->connecting_until != 0) return try_to_connect(client, service);
    if (!flow_go_on(&client->up, &seen[0], &seen[1]) || !flow_go_on(&client->down, &seen[1], &seen[0])) return false;
    return !is_over(&client->up) || !is_over(&client->down);
}

void dns_client_close(struct dns_client *client)
{
    flow_close(&client->up);
    flow_close(&client->down);
    close(client->jail);
    close(client->host);
    free(client);
}
