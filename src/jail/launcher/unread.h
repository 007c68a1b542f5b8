/* Output that no client has read yet. */
#ifndef RUND_UNREAD_H
#define RUND_UNREAD_H

/*
 * Waits until nothing is unread in the pipes that are descriptors `first` and the `count` - 1 after it, at most `timeout`
 * milliseconds.
 */
void await_readers(int first, long count, long timeout);

#endif
