#include "text_file.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 4096 };

char *text_file_read(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return NULL;
    struct bytes content = {0};
    for (;;) {
        char *room = bytes_reserve(&content, CHUNK + 1);
        ssize_t count = room == NULL ? -1 : read(fd, room, CHUNK);
        if (count < 0 && room != NULL && errno == EINTR) continue;
        if (count < 0) break;
        if (count == 0) {
            close(fd);
            *room = '\0';
            if (size != NULL) *size = bytes_length(&content);
            return content.data;
        }
        bytes_append(&content, (size_t)count);
    }
    int error = errno;
    close(fd);
    free(content.data);
    errno = error;
    return NULL;
}
