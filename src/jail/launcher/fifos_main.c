/* `rund-jail fifos PATH...`: makes fifos that only their owner may open. JavaScript has no call for it. */
#include "subcommand.h"

#include <stdio.h>
#include <sys/stat.h>

int fifos_main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (mkfifo(argv[i], 0600) != 0) {
            perror(argv[i]);
            return 1;
        }
    }
    return 0;
}
