#include "listening_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* As many callers as containerd, its clients and a person may be at once, before the daemon has booted. */
enum { BACKLOG = 128 };

static bool address_of(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address->sun_path, path);
    return true;
}

static int open_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* Makes the folders above `path` that are missing. */
static void make_folders(const char *path)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path];
    strcpy(folder, path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
}

/*
 * Held from bind to listen: in between, another start would take the socket for a dead one's and put its own in the place.
 * It ends with the descriptor.
 */
static int lock_folder_of(const char *path)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path];
    strcpy(folder, path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL || slash == folder) return -1;
    *slash = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) continue;
    return fd;
}

static bool bind_for_root(int fd, const struct sockaddr_un *address)
{
    mode_t mask = umask(0177);
    bool bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(mask);
    return bound;
}

/* A full backlog is a sign of life too. */
static bool is_served(const struct sockaddr_un *address)
{
    int fd = open_socket();
    if (fd < 0) return false;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    bool served = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN ||
                  errno == EINPROGRESS;
    close(fd);
    return served;
}

static enum listen_result listen_on(int fd, const struct sockaddr_un *address)
{
    bool bound = bind_for_root(fd, address);
    if (!bound && errno == EADDRINUSE) {
        if (is_served(address)) return SOCKET_SERVED;
        bound = (unlink(address->sun_path) == 0 || errno == ENOENT) && bind_for_root(fd, address);
    }
    return bound && listen(fd, BACKLOG) == 0 ? SOCKET_LISTENS : SOCKET_FAILED;
}

enum listen_result listen_unless_served(const char *path, int *listening)
{
    struct sockaddr_un address;
    if (!address_of(path, &address)) return SOCKET_FAILED;
    int fd = open_socket();
    if (fd < 0) return SOCKET_FAILED;
    make_folders(path);
    int lock = lock_folder_of(path);
    enum listen_result result = listen_on(fd, &address);
    int error = errno;
    if (lock >= 0) close(lock);
    if (result != SOCKET_LISTENS) close(fd);
    errno = error;
    if (result == SOCKET_LISTENS) *listening = fd;
    return result;
}
