#include "settings.h"

#include "number.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool take_signed(const char **text, int64_t lowest, int64_t highest, int64_t *number)
{
    bool negative = **text == '-';
    uint64_t magnitude;
    if (negative) (*text)++;
    if (!take_number(text, INT64_MAX, &magnitude)) return false;
    *number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return *number >= lowest && *number <= highest;
}

static bool take_capabilities(struct settings *settings, const char *value)
{
    for (int set = 0; set < CAPABILITY_SETS; set++) {
        if (!take_number(&value, UINT64_MAX, &settings->capabilities[set])) return false;
    }
    bool repeated = settings->has_capabilities;
    settings->has_capabilities = true;
    return !repeated && *value == '\0';
}

static bool take_oom_score(struct settings *settings, const char *value)
{
    int64_t score;
    if (settings->has_oom_score || !take_signed(&value, -1000, 1000, &score)) return false;
    settings->has_oom_score = true;
    settings->oom_score = (int)score;
    return *value == '\0';
}

static bool take_io_priority(struct settings *settings, const char *value)
{
    uint64_t number;
    if (settings->has_io_priority || !parse_number(value, INT_MAX, &number)) return false;
    settings->has_io_priority = true;
    settings->io_priority = (int)number;
    return true;
}

static bool take_scheduler(struct settings *settings, const char *value)
{
    struct scheduler *scheduler = &settings->scheduler;
    int64_t nice;
    uint64_t policy, priority;
    if (settings->has_scheduler) return false;
    settings->has_scheduler = true;
    if (!take_number(&value, UINT32_MAX, &policy) || !take_signed(&value, -20, 19, &nice)) return false;
    if (!take_number(&value, UINT32_MAX, &priority) || !take_number(&value, UINT64_MAX, &scheduler->flags)) return false;
    scheduler->policy = (uint32_t)policy;
    scheduler->nice = (int32_t)nice;
    scheduler->priority = (uint32_t)priority;
    return take_number(&value, UINT64_MAX, &scheduler->runtime) && take_number(&value, UINT64_MAX, &scheduler->deadline) &&
           parse_number(value, UINT64_MAX, &scheduler->period);
}

static bool take_personality(struct settings *settings, const char *value)
{
    uint64_t number;
    if (settings->has_personality || !parse_number(value, ULONG_MAX, &number)) return false;
    settings->has_personality = true;
    settings->personality = (unsigned long)number;
    return true;
}

static bool take_no_new_privileges(struct settings *settings, const char *value)
{
    bool repeated = settings->no_new_privileges;
    settings->no_new_privileges = true;
    return !repeated && strcmp(value, "1") == 0;
}

static bool take_cpus(struct settings *settings, const char *value)
{
    if (settings->cpus != NULL) return false;
    settings->cpus = strdup(value);
    return settings->cpus != NULL;
}

static bool take_memory_policy(struct settings *settings, const char *value)
{
    uint64_t mode;
    if (settings->memory_nodes != NULL || !take_number(&value, UINT16_MAX, &mode)) return false;
    settings->memory_mode = (unsigned)mode;
    settings->memory_nodes = strdup(strcmp(value, "-") == 0 ? "" : value);
    return settings->memory_nodes != NULL;
}

enum settings_status settings_take(struct settings *settings, const char *key, size_t length, const char *value)
{
    static const struct {
        const char *key;
        bool (*take)(struct settings *settings, const char *value);
    } known[] = {
        {"capabilities", take_capabilities}, {"no-new-privileges", take_no_new_privileges},
        {"oom-score", take_oom_score},       {"io-priority", take_io_priority},
        {"scheduler", take_scheduler},       {"personality", take_personality},
        {"cpus", take_cpus},                 {"memory-policy", take_memory_policy},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].key) != length || memcmp(known[i].key, key, length) != 0) continue;
        return known[i].take(settings, value) ? SETTINGS_TAKEN : SETTINGS_MALFORMED;
    }
    return SETTINGS_UNKNOWN;
}
