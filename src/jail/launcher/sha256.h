/* SHA-256 (FIPS 180-4), of which containerd makes the names of its shims' sockets. */
#ifndef RUND_SHA256_H
#define RUND_SHA256_H

#include <stddef.h>

enum { SHA256_HEX_SIZE = 65 };

/* Writes the digest of `length` bytes as 64 hexadecimal digits and a NUL. */
void sha256_hex(const void *data, size_t length, char hex[SHA256_HEX_SIZE]);

#endif
