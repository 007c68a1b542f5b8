#ifndef RUND_PROGRAM_FORMAT_H
#define RUND_PROGRAM_FORMAT_H

/*
 * Fails, with what the program is and what would help, when `path` or its interpreter is made for the other one of
 * Linux and macOS. What cannot be read is left to exec.
 */
void refuse_foreign_program(const char *name, const char *path);

#endif
