#ifndef RUND_RELAY_STREAMS_H
#define RUND_RELAY_STREAMS_H

#include "relay.h"

/* Whether a direction has room for more: what is not read stays where it is, and so the writer is held back. */
bool relay_wants_input(const struct relay *relay);
bool relay_wants_output(const struct relay *relay);
/* Each moves what it can without waiting. */
void relay_read_input(struct relay *relay);
void relay_write_input(struct relay *relay);
void relay_read_output(struct relay *relay);
void relay_write_output(struct relay *relay);

#endif
