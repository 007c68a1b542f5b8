/* The socket of a shim's daemon. */
#ifndef RUND_LISTENING_SOCKET_H
#define RUND_LISTENING_SOCKET_H

enum listen_result { SOCKET_LISTENS, SOCKET_SERVED, SOCKET_FAILED };

/*
 * Listens at `path`, for root alone, in a folder that is made for root alone when missing. A socket that is there already
 * is taken over when nobody answers on it: a dead shim left it. SOCKET_FAILED comes with errno.
 */
enum listen_result listen_unless_served(const char *path, int *listening);

#endif
