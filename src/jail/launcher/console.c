#include "console.h"

#include "failure.h"
#include "platform.h"
#include "socket_address.h"
#include "terminal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What goes with the descriptor: receivers take it for the terminal's name, and show it at most. */
static char name[] = "/dev/ptmx";

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || !socket_address_from_folder(path, &address)) fail(errno, "console socket %s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) fail(errno, "console socket %s", path);
    return fd;
}

static void send_descriptor(int line, int descriptor, const char *path)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof descriptor)];
    } control = {.space = {0}};
    struct iovec text = {.iov_base = name, .iov_len = sizeof name - 1};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    ssize_t sent;
    do {
        sent = sendmsg(line, &message, 0);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) fail(errno, "console socket %s", path);
}

void console_take(const struct request *request)
{
    int master, slave;
    int line = connect_to(request->console);
    if (!platform_open_pty(request->root, &master, &slave)) fail(errno, "terminal");
    terminal_prepare(request, slave);
    send_descriptor(line, master, request->console);
    close(line);
    close(master);
    terminal_control(slave);
}
