/* set_attribute FILE NAME VALUE: sets an extended attribute. With a file and a name only, prints the value. */
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
    char value[4096];
    if (argc == 4) return lsetxattr(argv[1], argv[2], argv[3], strlen(argv[3]), 0) == 0 ? 0 : (perror(argv[1]), 1);
    if (argc != 3) return 2;
    ssize_t size = lgetxattr(argv[1], argv[2], value, sizeof value);
    if (size < 0) return perror(argv[1]), 1;
    printf("%.*s\n", (int)size, value);
    return 0;
}
