#ifndef RUND_MOUNT_UNDO_H
#define RUND_MOUNT_UNDO_H

/* Takes back what the journal tells and removes it; the exit status, 1 when something could not be taken back. */
int undo_journal(const char *path);

#endif
