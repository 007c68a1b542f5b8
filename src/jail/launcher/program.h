#ifndef RUND_PROGRAM_H
#define RUND_PROGRAM_H

/*
 * Finds the program that `name` means with the PATH among `env`, with the rights of the calling process; both are
 * the jail's by then. Fails with the texts that docker maps to exit codes 126 and 127. The result is static.
 */
const char *program_find(const char *name, char *const *env);

#endif
