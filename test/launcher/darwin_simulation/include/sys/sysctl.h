#ifndef DARWIN_SYSCTL_H
#define DARWIN_SYSCTL_H
enum { CTL_KERN = 1, KERN_PROCARGS2 = 49, CTL_MAXNAME = 12 };
int sysctl(int *name, unsigned count, void *old, size_t *old_size, void *wanted, size_t wanted_size);
int sysctlbyname(const char *name, void *old, size_t *old_size, void *wanted, size_t wanted_size);
int sysctlnametomib(const char *name, int *numbers, size_t *count);
#endif
