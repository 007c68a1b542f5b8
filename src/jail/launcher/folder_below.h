#ifndef RUND_FOLDER_BELOW_H
#define RUND_FOLDER_BELOW_H

/*
 * Opens a folder in a folder: no link, and nothing that is mounted there, which is not part of the tree. -1 with errno, EXDEV
 * for a mount.
 */
int folder_below(int above, const char *name);

#endif
