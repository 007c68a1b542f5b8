#include "terminal.h"

#include "descriptors.h"
#include "failure.h"
#include "host_terminal.h"
#include "jailed.h"
#include "platform.h"
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void terminal_prepare(const struct request *request, int slave)
{
    struct winsize size = {.ws_col = request->width, .ws_row = request->height};
    if (request->width + request->height > 0 && ioctl(slave, TIOCSWINSZ, &size) != 0) fail(errno, "terminal size");
    /* So that programs may open it again by its name. Where the file system forbids it they still have the descriptors. */
    if (fchown(slave, request->uid, (gid_t)-1) != 0 && errno != EPERM && errno != EINVAL && errno != EROFS) {
        fail(errno, "terminal owner");
    }
}

void terminal_control(int slave)
{
    if (ioctl(slave, TIOCSCTTY, 0) != 0) fail(errno, "controlling terminal");
    for (int fd = 0; fd <= 2; fd++) {
        if (dup2(slave, fd) < 0) fail(errno, "terminal");
    }
    if (slave > 2) close(slave);
}

/* The child: leader of a session that the slave controls, and with it as standard input, output and error. */
static void __attribute__((noreturn)) run_jailed(const struct request *request, int slave, int line)
{
    struct control control = {.fd = line};
    failure_reports_to(line);
    close(CONTROL_DESCRIPTOR);
    if (setsid() < 0) fail(errno, "setsid");
    terminal_control(slave);
    jailed_run(request, &control);
}

int terminal_run(const struct request *request, struct control *control)
{
    struct relay relay = {.control = control};
    int line[2];
    if (!platform_open_pty(request->root, &relay.master, &relay.slave)) fail(errno, "terminal");
    terminal_prepare(request, relay.slave);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, line) != 0) fail(errno, "socketpair");
    set_close_on_exec(line[0]);
    set_close_on_exec(line[1]);
    relay.line = line[0];
    relay_watch_children(&relay);
    relay.child = fork();
    if (relay.child < 0) fail(errno, "fork");
    if (relay.child == 0) {
        close(relay.master);
        close(line[0]);
        run_jailed(request, relay.slave, line[1]);
    }
    close(line[1]);
    /* They are the program's alone: whoever reads them would wait for us too. */
    for (int i = 1; i <= request->kept; i++) close(CONTROL_DESCRIPTOR + i);
    struct host_terminal host = {0};
    if (request->foreground) {
        host_terminal_take(&host);
        host_terminal_size(relay.master);
    }
    int status = relay_run(&relay);
    host_terminal_give_back(&host);
    return status;
}
