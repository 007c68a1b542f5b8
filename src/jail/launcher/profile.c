#include "profile.h"

#include "failure.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[PATH_MAX];

bool profile_is_there(const struct request *request)
{
    if (request->home == NULL || request->profile == NULL) return false;
    int length = snprintf(path, sizeof path, "%s/%s", request->home, request->profile);
    return length > 0 && (size_t)length < sizeof path && access(path, R_OK) == 0;
}

char **profile_arguments(const struct request *request, const char *program)
{
    /* Profiles are written for bash, which macOS has. */
    static const char bash[] = "/bin/bash", other[] = "/bin/sh", script[] = ". \"$0\" && exec \"$@\"";
    enum { BEFORE = 4 };
    const char **args = calloc(BEFORE + request->arg_count + 1, sizeof *args);
    if (args == NULL) fail(ENOMEM, "profile");
    args[0] = access(bash, X_OK) == 0 ? bash : other;
    args[1] = "-c";
    args[2] = script;
    args[3] = path;
    memcpy(args + BEFORE, request->args, request->arg_count * sizeof *args);
    args[BEFORE] = program;
    return (char **)(uintptr_t)args;
}
