#include "shim_delete.h"

#include "shim_paths.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static size_t append_varint(unsigned char *bytes, uint64_t value)
{
    size_t length = 0;
    for (; value >= 0x80; value >>= 7) bytes[length++] = (unsigned char)(value | 0x80);
    bytes[length++] = (unsigned char)value;
    return length;
}

/* A DeleteResponse: exit status 137, as of a process that was killed, and this moment. */
static bool answer_deleted(void)
{
    enum { STATUS_FIELD = 0x10, TIME_FIELD = 0x1a, SECONDS_FIELD = 0x08, KILLED = 137 };
    unsigned char bytes[32] = {STATUS_FIELD};
    size_t length = 1 + append_varint(bytes + 1, KILLED);
    bytes[length++] = TIME_FIELD;
    size_t time_length = append_varint(bytes + length + 2, (uint64_t)time(NULL)) + 1;
    bytes[length] = (unsigned char)time_length;
    bytes[length + 1] = SECONDS_FIELD;
    length += 1 + time_length;
    return write(1, bytes, length) == (ssize_t)length;
}

/* Whether the shim's socket is where it usually is; the full program finds the others. */
static bool is_usual_socket(const char *bundle, const char *socket)
{
    static const char scheme[] = "unix://";
    enum { SCHEME = sizeof scheme - 1 };
    char path[PATH_MAX], address[PATH_MAX];
    if (!shim_bundle_path(bundle, "address", path, sizeof path)) return false;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t length = read(fd, address, sizeof address - 1);
    close(fd);
    if (length < 0) return false;
    address[length] = '\0';
    return strncmp(address, scheme, SCHEME) == 0 && strcmp(address + SCHEME, socket) == 0;
}

/* After a clean end no state file is left, and nothing was said that containerd should log. */
bool shim_delete_clean(const struct shim_arguments *arguments)
{
    char state[PATH_MAX], log[PATH_MAX], path[PATH_MAX];
    struct stat status;
    if (arguments->bundle == NULL || !shim_bundle_path(arguments->bundle, "rund.json", state, sizeof state)) return false;
    if (!shim_bundle_path(arguments->bundle, "panic.log", log, sizeof log)) return false;
    if (lstat(state, &status) == 0 || (lstat(log, &status) == 0 && status.st_size > 0)) return false;
    if (!shim_socket_path(arguments, path, sizeof path) || !is_usual_socket(arguments->bundle, path)) return false;
    unlink(path);
    return answer_deleted();
}
