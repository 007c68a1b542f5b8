/*
 * `swapper A B`: makes A and B change places as fast as it can, and says when it begins. Whoever looks at either twice
 * may see a folder and then a link. It ends when its output does, or after a minute.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3) return 64;
    time_t end = time(NULL) + 60;
    if (write(1, "swapping\n", 9) != 9) return 1;
    for (unsigned long count = 0; time(NULL) < end; count++) {
        if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) != 0) usleep(100);
        /* Else nobody else gets anything done on the one folder. */
        if (count % 64 == 0) usleep(50);
    }
    return 0;
}
