/* Standard streams that come as sockets, on other descriptors. */
#ifndef RUND_SOCKET_STDIO_H
#define RUND_SOCKET_STDIO_H

/*
 * `rund-jail --output N COMMAND`: descriptors N and N + 1 become standard output and error; `--stdio N`: N + 2 becomes standard
 * input too. In a compiled shim sockets take half a megabyte less than the streams of a child's first three descriptors, and no
 * threads. Returns how many arguments that was: 0 without an option, -1 when it cannot be done.
 */
int take_socket_stdio(int argc, char **argv);

#endif
