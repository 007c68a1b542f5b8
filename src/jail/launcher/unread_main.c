/* `rund-jail unread COUNT`: see unread.h. */
#include "subcommand.h"

#include "number.h"
#include "unread.h"

#include <stdint.h>
#include <stdio.h>

int unread_main(int argc, char **argv)
{
    uint64_t count;
    if (argc != 2 || !parse_number(argv[1], MOST_OUTPUTS, &count)) {
        fputs("usage: rund-jail unread COUNT\n", stderr);
        return EXIT_USAGE;
    }
    await_readers((long)count);
    return 0;
}
