#ifndef RUND_PROGRAM_H
#define RUND_PROGRAM_H

/*
 * Finds the program that `name` means with the PATH among `env`, with the rights of the calling process; both are
 * the jail's by then. Where there is a `home` (NULL: none) the host's programs are looked at first, and then what the same
 * paths mean inside of it. Fails with the texts that docker maps to exit codes 126 and 127. The result is static.
 */
const char *program_find(const char *name, char *const *env, const char *home);
/* The same for a name without a slash, but NULL when nothing is found. */
const char *program_look(const char *name, char *const *env, const char *home);

#endif
