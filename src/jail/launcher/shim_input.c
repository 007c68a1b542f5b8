#include "shim_input.h"

#include "bytes.h"
#include "clock.h"
#include "shim_paths.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* containerd writes some hundred bytes; whoever writes more is not containerd. */
enum { PATIENCE_MS = 500, MOST_BYTES = 1 << 20, CHUNK = 16 << 10 };

/* A terminal or a device such as /dev/zero might never end. */
static bool may_hold_input(void)
{
    struct stat status;
    return fstat(STDIN_FILENO, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISREG(status.st_mode));
}

/* False at the end of the input, after an error, or when there is none before the deadline. */
static bool read_more(struct bytes *input, int64_t deadline)
{
    int64_t left = deadline - clock_milliseconds();
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    int count = poll(&ready, 1, left > 0 ? (int)left : 0);
    if (count < 0) return errno == EINTR;
    char *room = count == 0 ? NULL : bytes_reserve(input, CHUNK);
    if (room == NULL) return false;
    ssize_t length = read(STDIN_FILENO, room, CHUNK);
    if (length < 0) return errno == EINTR || errno == EAGAIN;
    bytes_append(input, (size_t)length);
    return length > 0;
}

static bool contains(const struct bytes *input, const char *text)
{
    size_t size = strlen(text), length = bytes_length(input);
    for (size_t at = 0; at + size <= length; at++) {
        if (memcmp(bytes_front(input) + at, text, size) == 0) return true;
    }
    return false;
}

/* A pipe might not take all of it at once. */
static bool put_back(const struct bytes *input, const char *bundle)
{
    char path[PATH_MAX];
    if (!shim_bundle_path(bundle, ".stdin-XXXXXX", path, sizeof path)) return false;
    int fd = mkstemp(path);
    if (fd < 0) return false;
    unlink(path);
    ssize_t length = (ssize_t)bytes_length(input);
    bool done = write(fd, bytes_front(input), (size_t)length) == length && lseek(fd, 0, SEEK_SET) == 0 &&
                dup2(fd, STDIN_FILENO) == STDIN_FILENO;
    if (fd != STDIN_FILENO) close(fd);
    return done;
}

enum shim_input shim_input_read(const struct shim_arguments *arguments, const char *bundle,
                                struct shim_bootstrap *bootstrap)
{
    if (!may_hold_input()) return INPUT_PLAIN;
    struct bytes input = {0};
    int64_t deadline = clock_milliseconds() + PATIENCE_MS;
    while (bytes_length(&input) < MOST_BYTES && read_more(&input, deadline)) continue;
    enum shim_input kind = INPUT_PLAIN;
    if (contains(&input, arguments->id) && put_back(&input, bundle)) {
        bool read = shim_bootstrap_read(bootstrap, bytes_front(&input), bytes_length(&input), arguments);
        kind = read ? INPUT_BOOTSTRAP : INPUT_UNCLEAR;
    }
    free(input.data);
    return kind;
}
