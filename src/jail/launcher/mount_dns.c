#include "mount_dns.h"

#include "descriptors.h"
#include "mount_report.h"
#include "mount_server.h"
#include "mount_stub.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIELD_DEST = 1, FIELD_SERVICE, FIELD_LOG };
/* As many callers as there may be at once, before they are let in. */
enum { BACKLOG = 128 };

static void no_lookups(const char *reason)
{
    note("the jail has no lookups of names by the host: %s", reason);
}

static bool is_there(const char *service)
{
    struct stat status;
    if (stat(service, &status) != 0) return false;
    errno = ENOTSOCK;
    return S_ISSOCK(status.st_mode);
}

/* Whether anybody listens; a full queue is a sign of life too. */
static bool is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) return true;
    set_nonblocking(fd, 1);
    bool served = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
    close(fd);
    return served;
}

/* The folder of a place as where we are, so that its own name is all that the short address has to hold. */
static bool enter_folder(const struct place *place, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(place->name) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address->sun_path, place->name);
    return fchdir(place->parent) == 0;
}

/*
 * No layer holds a socket, so one that nobody listens at is what an earlier jail there has left, after a power failure or
 * by another runtime. Anything else is the image's.
 */
static bool make_way(const struct place *place)
{
    struct stat status;
    struct sockaddr_un address;
    if (fstatat(place->parent, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
    errno = EEXIST;
    if (!S_ISSOCK(status.st_mode) || !enter_folder(place, &address)) return false;
    if (is_served(&address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlinkat(place->parent, place->name, 0) == 0;
}

/* A listening socket at the place, or -1 with errno. */
static int listen_at(const struct base *base, const struct place *place)
{
    struct sockaddr_un address;
    if (place->name[0] == '\0') {
        errno = EISDIR;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (make_way(place) && enter_folder(place, &address) && stub_bind(base, place, fd, &address) &&
        listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void start_relay(int listening, const struct record *record)
{
    static char program[PATH_MAX], command_name[] = "dns";
    char *arguments[] = {command_name};
    const char *destination = record_field(record, FIELD_DEST);
    struct server relay;
    if (!platform_own_path(program, sizeof program)) give_up(errno, destination, "%s", "launcher");
    const struct server_command command = {
        .name = "dns",
        .step = "relay",
        .program = program,
        .args = arguments,
        .arg_count = 1,
        .mountpoint = record_field(record, FIELD_SERVICE),
        .log = record_field(record, FIELD_LOG),
        .input = listening,
    };
    server_start(&relay, &command, destination);
}

void mount_dns(const struct base *base, const struct record *record)
{
    const char *destination = record_field(record, FIELD_DEST);
    struct place place;
    if (!is_there(record_field(record, FIELD_SERVICE))) {
        no_lookups(strerror(errno));
    } else if (!place_find(base, destination, CREATE_PARENTS, &place)) {
        no_lookups(strerror(errno));
    } else {
        int listening = listen_at(base, &place);
        if (listening < 0) no_lookups(strerror(errno));
        else start_relay(listening, record);
        if (listening >= 0) close(listening);
        place_close(&place);
    }
    /* What is held open may be what is to be unmounted. */
    if (chdir("/") != 0) give_up(errno, destination, "%s", "/");
}
