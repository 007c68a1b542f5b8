/*
 * The journal of one jail's mounts: a file in the bundle that says what was done to the host, so that it can be taken
 * back whoever dies in between. Each step stands there twice: what is about to happen, before, and how it can be told
 * again, after. `undone N` marks record N (from 0) as taken back.
 *
 *   mount BASE PATH TOP          about to mount on PATH, where TOP is the mount seen there now
 *   mounted BASE PATH ID         the mount with that id is ours
 *   readonly BASE PATH ID        about to make it read-only, so it must be writable again before stubs can go
 *   make BASE PATH KIND          about to make a missing mount point (KIND d: directory, f: file, n: device node,
 *                                s: socket)
 *   made BASE PATH KIND DEV INO BEFORE AFTER   it is ours; the folder's time of change before and after
 *   child PID STARTED            a file server that has to be gone in the end
 *   relay PID STARTED            a process that serves the jail until it is ended
 *   claim FILE JOURNAL           about to claim a folder for this journal's bundle
 *   worker PID STARTED           the process that writes this
 *   scrap FILE                   about to make a file of ours in the bundle
 *   place, placed                see mount_place.h
 *
 * PATH is in BASE and free of links. Only the launcher reads these.
 */
#ifndef RUND_MOUNT_JOURNAL_H
#define RUND_MOUNT_JOURNAL_H

#include "mount_record.h"

#include <stdbool.h>
#include <stddef.h>

/* Makes the file and locks it; gives up when it is there, because then the bundle is in use or not cleaned up. */
void journal_create(const char *path);
/* Opens, locks and reads what there is. False when there is no journal. Gives up when it cannot be read. */
bool journal_open(const char *path, struct records *records);
/* Appends one step and returns its number. Gives up when it cannot, before anything is done that nobody knows of. */
#define journal_step(...) journal_wrote(record_append(journal_fd(), __VA_ARGS__, (char *)NULL))
void journal_undone(size_t number);

int journal_fd(void);
size_t journal_wrote(bool written);

#endif
