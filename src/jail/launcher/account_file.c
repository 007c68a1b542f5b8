#include "account_file.h"

#include "number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far more than the largest that are in use. What is behind it is not seen. */
enum { LARGEST = 8 << 20 };

/* A text of at most that size, for free(), or NULL. */
static char *read_start(int fd, size_t size)
{
    char *text = malloc(size + 1);
    size_t length = 0;
    while (text != NULL && length < size) {
        ssize_t count = read(fd, text + length, size - length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        length += (size_t)count;
    }
    if (text != NULL) text[length] = '\0';
    return text;
}

void account_file_read(struct account_file *file, const char *path)
{
    struct stat status;
    file->text = NULL;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        file->text = read_start(fd, status.st_size < LARGEST ? (size_t)status.st_size : LARGEST);
    }
    if (fd >= 0) close(fd);
    file->rest = file->text;
}

void account_file_free(struct account_file *file)
{
    free(file->text);
}

static bool cut(char *line, char **fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (line == NULL) return false;
        fields[i] = line;
        line = strchr(line, ':');
        if (line != NULL) *line++ = '\0';
    }
    return true;
}

bool account_file_next(struct account_file *file, char **fields, size_t count)
{
    while (file->rest != NULL) {
        char *line = file->rest;
        file->rest = strchr(line, '\n');
        if (file->rest != NULL) *file->rest++ = '\0';
        if (line[0] != '#' && cut(line, fields, count)) return true;
    }
    return false;
}

bool account_number(const char *text, unsigned *number)
{
    uint64_t value;
    /* The highest one means "none" to the system's calls. */
    if (!parse_number(text, UINT32_MAX - 1, &value)) return false;
    *number = (unsigned)value;
    return true;
}
