#include "subcommand.h"

#include "subvolume.h"
#include "tree_failure.h"

#include <stdio.h>
#include <stdlib.h>

/* sync FOLDER: has the file system give back soon what removed subvolumes have taken, where there is such a thing. */
int sync_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail sync FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    return subvolumes_sync(argv[1]) ? EXIT_SUCCESS : tree_failure(argv[1], NULL);
}
