/* What of a process only Linux can set; on macOS a request that asks for any of it is refused. */
#ifndef RUND_SETTINGS_H
#define RUND_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the request's record. */
enum capability_set { BOUNDING, EFFECTIVE, INHERITABLE, PERMITTED, AMBIENT, CAPABILITY_SETS };

struct scheduler {
    uint32_t policy;
    int32_t nice;
    uint32_t priority;
    uint64_t flags, runtime, deadline, period;
};

struct settings {
    /* Bit n is capability n. */
    bool has_capabilities;
    uint64_t capabilities[CAPABILITY_SETS];
    bool no_new_privileges;
    bool has_oom_score;
    int oom_score;
    bool has_io_priority;
    int io_priority;
    bool has_scheduler;
    struct scheduler scheduler;
    bool has_personality;
    unsigned long personality;
    /* As in `0-3,7`, or NULL. */
    const char *cpus;
    /* The nodes are a list too; "" for none. */
    const char *memory_nodes;
    unsigned memory_mode;
};

enum settings_status { SETTINGS_TAKEN, SETTINGS_MALFORMED, SETTINGS_UNKNOWN };

/* Takes one record of a request, unless its key is none of ours. */
enum settings_status settings_take(struct settings *settings, const char *key, size_t length, const char *value);

/* These fail (failure.h) when a setting cannot be made. */

/* What has to be done outside of the jail and as root. */
void settings_apply_outside(const struct settings *settings);
/* Before the process becomes its user, which would drop what is needed for it. */
void settings_before_user(const struct settings *settings);
/* As the user: the last rights go. */
void settings_as_user(const struct settings *settings);

#endif
