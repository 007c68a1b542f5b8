#include "subcommand.h"

#include "subvolume.h"
#include "tree_failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* tree FOLDER: makes the folder of a new tree, such that later ones can be made of it quickly. */
int tree_main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: rund-jail tree FOLDER\n", stderr);
        return EXIT_USAGE;
    }
    umask(0);
    bool made = subvolume_create(argv[1]) || mkdir(argv[1], 0755) == 0;
    return made && chmod(argv[1], 0755) == 0 ? EXIT_SUCCESS : tree_failure(argv[1], NULL);
}
