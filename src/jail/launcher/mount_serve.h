/*
 * Bind mounts the way macOS has to make them: folders by bindfs, single files by copies, sockets by hard links. Only a
 * socket that no link leads to, since it is in another mount, is a bind mount of the kernel's.
 */
#ifndef RUND_MOUNT_SERVE_H
#define RUND_MOUNT_SERVE_H

#include "mount_path.h"
#include "mount_record.h"

/*
 * Carries out `serve DEST SOURCE SCOPE ACCESS SERVER STAGING ASIDE LOG ARG...`. SCOPE `files` leaves out folders but
 * makes their mount points, `folders` leaves out files, `all` does both. ACCESS `rw` brings changes to a file back.
 * SERVER is the bindfs program and ARG what it is called with before the two paths; it writes to LOG. It mounts on the
 * folder STAGING, outside of any jail, from where the mount goes to its place (Linux), or with an empty STAGING straight
 * on its place. ASIDE is where a file of the image is kept meanwhile.
 */
void serve(const struct base *base, const struct record *record);

#endif
