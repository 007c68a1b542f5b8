/* What the launcher uses of macOS's libsandbox: it says what it was asked for. SIMULATED_SANDBOX makes something fail. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fails(const char *what)
{
    const char *wanted = getenv("SIMULATED_SANDBOX");
    return wanted != NULL && strcmp(wanted, what) == 0;
}

void *sandbox_create_params(void)
{
    return calloc(1, 1);
}

int sandbox_set_param(void *parameters, const char *name, const char *value)
{
    fprintf(stderr, "parameter %s=%s\n", name, value);
    return parameters == NULL ? -1 : 0;
}

void *sandbox_compile_string(const char *text, void *parameters, char **error)
{
    fprintf(stderr, "compile %s\n", text);
    if (!fails("compile")) return parameters;
    *error = strdup("<string>:1: unbound variable: nonsense");
    return NULL;
}

int sandbox_apply(void *profile)
{
    fprintf(stderr, "apply\n");
    errno = EPERM;
    return profile == NULL || fails("apply") ? -1 : 0;
}
