#include "limits.h"

#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIMIT(name) {#name, (int)(name)}

static const struct {
    const char *type;
    int resource;
} known[] = {
    LIMIT(RLIMIT_AS),      LIMIT(RLIMIT_CORE),   LIMIT(RLIMIT_CPU),     LIMIT(RLIMIT_DATA), LIMIT(RLIMIT_FSIZE),
    LIMIT(RLIMIT_MEMLOCK), LIMIT(RLIMIT_NOFILE), LIMIT(RLIMIT_NPROC),   LIMIT(RLIMIT_RSS),  LIMIT(RLIMIT_STACK),
#ifdef __linux__
    LIMIT(RLIMIT_LOCKS),   LIMIT(RLIMIT_NICE),   LIMIT(RLIMIT_RTPRIO),  LIMIT(RLIMIT_RTTIME),
    LIMIT(RLIMIT_MSGQUEUE), LIMIT(RLIMIT_SIGPENDING),
#endif
};

int limit_resource(const char *type, size_t length)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].type) == length && memcmp(known[i].type, type, length) == 0) return known[i].resource;
    }
    return -1;
}

static void apply(const struct request_limit *limit)
{
    if (setrlimit(limit->resource, &limit->value) != 0) {
        fail(errno, "rlimit %s", limit->type);
    }
}

/* The soft limit that a process expects where the specification is silent; never above the hard one. */
static void apply_files(const struct request *request)
{
    struct rlimit value;
    if (getrlimit(RLIMIT_NOFILE, &value) != 0) fail(errno, "rlimit RLIMIT_NOFILE");
    if (value.rlim_max != RLIM_INFINITY && request->files > value.rlim_max) return;
    value.rlim_cur = request->files;
    if (setrlimit(RLIMIT_NOFILE, &value) != 0) fail(errno, "rlimit RLIMIT_NOFILE");
}

void limits_apply(const struct request *request)
{
    if (request->has_files) apply_files(request);
    for (size_t i = 0; i < request->limit_count; i++) apply(&request->limits[i]);
}
