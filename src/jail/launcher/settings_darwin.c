#include "settings.h"

#include "failure.h"

#include <errno.h>

void settings_apply_outside(const struct settings *settings)
{
    bool any = settings->has_capabilities || settings->no_new_privileges || settings->has_oom_score ||
               settings->has_io_priority || settings->has_scheduler || settings->has_personality ||
               settings->cpus != NULL || settings->memory_nodes != NULL;
    if (any) fail_text(EINVAL, "launch request: asks for what only Linux has");
}

void settings_before_user(const struct settings *settings)
{
    (void)settings;
}

void settings_as_user(const struct settings *settings)
{
    (void)settings;
}
