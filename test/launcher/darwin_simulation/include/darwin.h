/*
 * What Apple's headers have and the launcher's macOS half uses, by their names and of their kinds, for a build of that half
 * on Linux. That the real ones are so is proven by the build with Apple's headers; here they only have to fit the
 * simulation. It is included before everything else.
 */
#ifndef DARWIN_SIMULATION_H
#define DARWIN_SIMULATION_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#undef NGROUPS_MAX
#define NGROUPS_MAX 16
#define OPEN_MAX 10240
#define setgroups simulated_setgroups
#define kill simulated_kill
#define unmount simulated_unmount
#define fstatfs simulated_fstatfs
#define st_atimespec st_atim
#define st_mtimespec st_mtim
#ifndef ENOATTR
#define ENOATTR ENODATA
#endif

int simulated_setgroups(int count, const gid_t *groups);
int simulated_kill(pid_t pid, int signal);

#if __GLIBC__ == 2 && __GLIBC_MINOR__ < 38
size_t strlcpy(char *to, const char *from, size_t size);
#endif

#endif
