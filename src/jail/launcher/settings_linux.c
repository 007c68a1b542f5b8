#include "settings.h"

#include "capabilities.h"
#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel has them; not every C library's headers do. */
enum { IOPRIO_WHO_PROCESS = 1 };
/* More processors than any kernel is built for, and as many nodes of memory. */
enum { LIST_LIMIT = 8192, NODE_LIMIT = 1024, LONG_BITS = CHAR_BIT * sizeof(unsigned long) };

struct scheduler_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/*
 * Only a process with CAP_SYS_RESOURCE lowers it, and a host may keep that from the shim itself: then the process stays
 * as likely to be killed as the shim is.
 */
static void set_oom_score(int score)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%d", score);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, (size_t)length) == length;
    int error = errno;
    if (fd >= 0) close(fd);
    if (!written && error != EACCES && error != EPERM && error != ENOENT) fail(error, "oomScoreAdj %d", score);
}

static void set_scheduler(const struct scheduler *wanted)
{
    struct scheduler_attributes attributes = {
        .size = sizeof attributes,
        .policy = wanted->policy,
        .flags = wanted->flags,
        .nice = wanted->nice,
        .priority = wanted->priority,
        .runtime = wanted->runtime,
        .deadline = wanted->deadline,
        .period = wanted->period,
    };
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) fail(errno, "scheduler");
}

static bool take_range(const char **text, unsigned long *first, unsigned long *last)
{
    char *end;
    if (**text < '0' || **text > '9') return false;
    *first = *last = strtoul(*text, &end, 10);
    if (*end == '-') {
        if (end[1] < '0' || end[1] > '9') return false;
        *last = strtoul(end + 1, &end, 10);
    }
    if (*end != ',' && *end != '\0') return false;
    *text = *end == ',' ? end + 1 : end;
    return *first <= *last && *last < LIST_LIMIT;
}

/* A list such as 0-3,7 as the kernel's bits. */
static void read_list(const char *name, const char *list, unsigned long bits[LIST_LIMIT / LONG_BITS])
{
    memset(bits, 0, LIST_LIMIT / CHAR_BIT);
    for (const char *rest = list; *rest != '\0';) {
        unsigned long first, last;
        if (!take_range(&rest, &first, &last)) fail_text(EINVAL, "%s %s: invalid list", name, list);
        for (; first <= last; first++) bits[first / LONG_BITS] |= 1UL << first % LONG_BITS;
    }
}

static void set_cpus(const char *list)
{
    unsigned long bits[LIST_LIMIT / LONG_BITS];
    read_list("execCPUAffinity", list, bits);
    if (syscall(SYS_sched_setaffinity, 0, sizeof bits, bits) != 0) fail(errno, "execCPUAffinity %s", list);
}

static void set_memory_policy(unsigned mode, const char *nodes)
{
    unsigned long bits[LIST_LIMIT / LONG_BITS];
    read_list("memoryPolicy", nodes, bits);
    /* The kernel leaves the last of the bits that it is told of out. */
    unsigned long count = nodes[0] == '\0' ? 0 : NODE_LIMIT + 1;
    if (syscall(SYS_set_mempolicy, mode, count == 0 ? NULL : bits, count) != 0) fail(errno, "memoryPolicy");
}

void settings_apply_outside(const struct settings *settings)
{
    if (settings->has_oom_score) set_oom_score(settings->oom_score);
    if (settings->has_io_priority && syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, settings->io_priority) != 0) {
        fail(errno, "ioPriority");
    }
    if (settings->cpus != NULL) set_cpus(settings->cpus);
    if (settings->memory_nodes != NULL) set_memory_policy(settings->memory_mode, settings->memory_nodes);
    if (settings->has_scheduler) set_scheduler(&settings->scheduler);
    if (settings->has_personality && personality(settings->personality) < 0) fail(errno, "personality");
}

void settings_before_user(const struct settings *settings)
{
    if (settings->has_capabilities) capabilities_bound(settings->capabilities);
}

void settings_as_user(const struct settings *settings)
{
    if (settings->has_capabilities) capabilities_set(settings->capabilities);
    if (settings->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(errno, "noNewPrivileges");
}
