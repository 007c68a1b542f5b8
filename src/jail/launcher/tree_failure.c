#include "tree_failure.h"

#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int tree_failure(const char *tree, char *below)
{
    int error = errno;
    char reason[128];
    error_text(error, reason, sizeof reason);
    fprintf(stderr, "%s %s%s%s: %s\n", error_name(error), tree, below == NULL ? "" : "/", below == NULL ? "" : below,
            reason);
    free(below);
    return EXIT_FAILURE;
}
