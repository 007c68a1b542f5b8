/* One direction of a relayed connection: bytes, and the descriptors that are passed with them (SCM_RIGHTS). */
#ifndef RUND_DNS_FLOW_H
#define RUND_DNS_FLOW_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A client of the DNS service passes one descriptor with a request. Who passes more than this at once is none, and
 * would only have them kept here.
 */
enum { MOST_RIGHTS = 8 };

struct flow {
    int from, to;
    /* Nothing more is read. */
    bool ended;
    /* What the other side has not taken yet; nothing is read before it has. NULL when there is none. */
    char *bytes;
    size_t length, sent;
    int rights[MOST_RIGHTS];
    size_t right_count;
};

/* Both descriptors are nonblocking, and stay their owner's. */
void flow_open(struct flow *flow, int from, int to);
bool flow_waits_for_input(const struct flow *flow);
bool flow_waits_for_output(const struct flow *flow);
/* Takes what there is and passes it on, as far as it is taken. False when the connection has to be given up. */
bool flow_read(struct flow *flow);
bool flow_write(struct flow *flow);
/* Lets go of what was not passed on. */
void flow_close(struct flow *flow);

#endif
