#ifndef RUND_PROGRAM_FORMAT_H
#define RUND_PROGRAM_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum { PROGRAM_HEAD = 256 };

enum host_system { HOST_LINUX, HOST_MACOS };

/* The beginning of a program's file, a NUL behind it. */
struct program_head {
    unsigned char bytes[PROGRAM_HEAD + 1];
    size_t size;
};

/* False for what is no regular file, or cannot be read. */
bool program_head_read(const char *path, struct program_head *head);
/*
 * Whether a program is made for the one of Linux and macOS that `host` is not; then `text` says what it is, what the host
 * runs, and what would help. `machine` is the host's processor as uname(1) has it.
 */
bool program_is_foreign(const struct program_head *head, enum host_system host, const char *machine, char *text,
                        size_t size);
/*
 * What runs a program for the kernel: the interpreter of a script, or the loader of a program for this host, which shares
 * libraries. False when there is none, or it cannot be told.
 */
bool program_interpreter(const char *path, const struct program_head *head, enum host_system host, const char *machine,
                         char *interpreter, size_t size);

/*
 * Fails for a program that the kernel would refuse with less of a reason: one for another system, and one whose
 * interpreter is not there. What cannot be read is left to exec.
 */
void refuse_program_format(const char *name, const char *path);

#endif
