/* Asks an ssh agent, at the socket that SSH_AUTH_SOCK names, for its keys and prints the name of the first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned number(const unsigned char *at)
{
    return (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
}

int main(void)
{
    static const unsigned char question[] = {0, 0, 0, 1, 11};
    unsigned char answer[4096] = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("SSH_AUTH_SOCK");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (path == NULL || strlen(path) >= sizeof address.sun_path) return 2;
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return perror("connect"), 1;
    if (write(fd, question, sizeof question) != sizeof question) return perror("write"), 1;
    size_t size = 0;
    while (size < 4 || size < 4 + number(answer)) {
        ssize_t count = read(fd, answer + size, sizeof answer - size);
        if (count <= 0) return perror("read"), 1;
        size += (size_t)count;
    }
    unsigned char *key = answer + 9, *name = key + 4 + number(key);
    printf("%u key: %.*s\n", number(answer + 5), (int)number(name), name + 4);
    return 0;
}
