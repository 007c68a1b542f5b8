/* What `mount` and `umount` answer: records on their standard output. */
#ifndef RUND_MOUNT_REPORT_H
#define RUND_MOUNT_REPORT_H

/* Sends `note TEXT`: something the log should tell of, that stops nothing. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);
/*
 * Sends `error ERRNO SUBJECT TEXT` and exits with 1. What was done until then stands in the journal. With an errno of 0
 * the format says it all, else the errno's text stands behind it.
 */
__attribute__((noreturn, format(printf, 3, 4))) void give_up(int error, const char *subject, const char *format, ...);

#endif
