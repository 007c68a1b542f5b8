/* The way out of a jail for lookups of names: a socket in it, and a process that relays (dns_main.c). */
#ifndef RUND_MOUNT_DNS_H
#define RUND_MOUNT_DNS_H

#include "mount_path.h"
#include "mount_record.h"

/*
 * Carries out `dns DEST SERVICE LOG`: a relay to the host's socket SERVICE listens at DEST, its output in LOG. A jail can
 * be without it, so what keeps it from being there is only noted: no SERVICE, something else at DEST, a read-only place.
 */
void mount_dns(const struct base *base, const struct record *record);

#endif
