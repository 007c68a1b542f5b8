/* Bind mounts the way macOS has to make them: folders by bindfs, single files by copies, sockets by hard links. */
#ifndef RUND_MOUNT_SERVE_H
#define RUND_MOUNT_SERVE_H

#include "mount_path.h"
#include "mount_record.h"

/*
 * Carries out `serve DEST SOURCE SERVER STAGING ASIDE LOG OPTION...`: SERVER is the bindfs program, STAGING a folder
 * outside of any jail, ASIDE where an original file of the image is kept meanwhile, LOG what bindfs says.
 */
void serve(const struct base *base, const struct record *record);

#endif
