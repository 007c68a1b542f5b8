/* A connection out of a jail and its counterpart to the host's service. */
#ifndef RUND_DNS_CLIENT_H
#define RUND_DNS_CLIENT_H

#include "dns_flow.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

struct dns_client {
    int jail, host;
    /* Until when the service's full queue is waited for, as of clock_milliseconds; 0 once it is connected. */
    int64_t connecting_until;
    struct flow up, down;
};

/* Takes the connection `jail` over and connects to `service`. NULL, and it is closed, when that cannot be. */
struct dns_client *dns_client_open(int jail, const struct sockaddr_un *service);
/* What to wait for: one entry for the jail's side, one for the host's. */
void dns_client_wants(const struct dns_client *client, struct pollfd wanted[2]);
/* Goes on after such a wait. False when it has come to its end. */
bool dns_client_go_on(struct dns_client *client, const struct pollfd seen[2], const struct sockaddr_un *service);
void dns_client_close(struct dns_client *client);

#endif
