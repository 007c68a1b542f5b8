/* Paths in a tree, found folder by folder and never through a link. */
#ifndef RUND_BENEATH_H
#define RUND_BENEATH_H

/* Opens the folder that a relative path's last part lies in, and says where that part begins; -1 with errno. */
int open_parent_beneath(int top, const char *path, const char **name);

#endif
