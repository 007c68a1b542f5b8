#include "environment.h"

#include "failure.h"
#include "home.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What may be added to the request's own. */
enum { ADDED = 3 };

static char **find(char **env, const char *name)
{
    size_t length = strlen(name);
    while (*env != NULL && (strncmp(*env, name, length) != 0 || (*env)[length] != '=')) env++;
    return env;
}

/* The array has room behind its end. */
static void set(char **env, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 2;
    char *variable = malloc(size);
    if (variable == NULL) fail(ENOMEM, "environment");
    snprintf(variable, size, "%s=%s", name, value);
    *find(env, name) = variable;
}

static void set_number(char **env, const char *name, long number)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", number);
    set(env, name, text);
}

static bool has_value(char **env, const char *name)
{
    char **variable = find(env, name);
    return *variable != NULL && (*variable)[strlen(name) + 1] != '\0';
}

char **environment_of(const struct request *request)
{
    char **env = calloc(request->env_count + ADDED + 1, sizeof *env);
    if (env == NULL) fail(ENOMEM, "environment");
    memcpy(env, request->env, request->env_count * sizeof *env);
    if (!has_value(env, "HOME")) {
        char *home = home_of(request->uid);
        if (home == NULL) fail(ENOMEM, "environment");
        set(env, "HOME", home);
        free(home);
    }
    if (request->listeners > 0) {
        set_number(env, "LISTEN_FDS", request->listeners);
        set_number(env, "LISTEN_PID", (long)getpid());
    }
    return env;
}
