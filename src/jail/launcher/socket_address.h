/* Addresses of unix sockets, which have room for some hundred bytes only, where paths may be longer. */
#ifndef RUND_SOCKET_ADDRESS_H
#define RUND_SOCKET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * The address of `path`, made short by going into its folder: for a process to which it does not matter where it stands.
 * False with errno.
 */
bool socket_address_from_folder(const char *path, struct sockaddr_un *address);

#endif
