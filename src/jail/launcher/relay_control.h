#ifndef RUND_RELAY_CONTROL_H
#define RUND_RELAY_CONTROL_H

#include "relay.h"

/* Takes what the shim has sent: resizes for the terminal, `start` for the child, `bye` once it knows of the child's end. */
void relay_read_control(struct relay *relay);
/* The same for messages that came along with the request. */
void relay_take_messages(struct relay *relay);
/* Hands on what the child has to say, and its exec as `closed`. */
void relay_read_line(struct relay *relay);
/* Tells the shim that the child has ended; its pid stays taken until the shim's `bye`. */
void relay_tell_end(struct relay *relay);

#endif
