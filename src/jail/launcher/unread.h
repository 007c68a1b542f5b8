/*
 * Output that no client has read yet. A client that is told of an exit while its reader has not had its turn may give the
 * rest up, as ctr does, so the reader is given a moment before.
 */
#ifndef RUND_UNREAD_H
#define RUND_UNREAD_H

/* A process has two outputs at most. */
enum { MOST_OUTPUTS = 2 };

/* Waits, a fifth of a second at most, until nothing is unread in the pipes that are the `count` descriptors from 3 on. */
void await_readers(long count);

#endif
