#include "shim_front.h"

#include "platform.h"
#include "shim_arguments.h"
#include "shim_delete.h"
#include "shim_start.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool is_shim_name(const char *name)
{
    static const char prefix[] = "containerd-shim-";
    return strncmp(last_name(name), prefix, sizeof prefix - 1) == 0;
}

/* The full program, beside this one: `../bin/rund` from where this file really is. */
static bool find_program(char *program, size_t size)
{
    char self[PATH_MAX], *slash;
    if (!platform_own_path(self, sizeof self)) return false;
    for (int up = 0; up < 2; up++) {
        if ((slash = strrchr(self, '/')) == NULL) return false;
        *slash = '\0';
    }
    return (size_t)snprintf(program, size, "%s/bin/rund", self) < size;
}

static int become_program(const char *program, char **argv)
{
    execv(program, argv);
    fprintf(stderr, "%s: ", program);
    perror("exec");
    return EXIT_FAILURE;
}

/* Settings that change what start and delete do. */
static bool has_settings(void)
{
    return getenv("RUND_GROUPING") != NULL || getenv("RUND_TRANSPORT") != NULL;
}

int shim_front(int argc, char **argv)
{
    (void)argc;
    char program[PATH_MAX];
    if (!find_program(program, sizeof program)) {
        fprintf(stderr, "%s: where this program is cannot be told\n", argv[0]);
        return EXIT_FAILURE;
    }
    struct shim_arguments arguments;
    if (has_settings() || !shim_arguments_read(&arguments, argv)) return become_program(program, argv);
    if (strcmp(arguments.action, "start") == 0 && shim_start(&arguments, program)) return EXIT_SUCCESS;
    if (strcmp(arguments.action, "delete") == 0 && shim_delete_clean(&arguments)) return EXIT_SUCCESS;
    return become_program(program, argv);
}
