#include "subcommand.h"

#include "console.h"
#include "control.h"
#include "descriptors.h"
#include "failure.h"
#include "jailed.h"
#include "request.h"
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int exec_main(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        fprintf(stderr, "usage: rund-jail exec, with the request on descriptor %d\n", CONTROL_DESCRIPTOR);
        return EXIT_USAGE;
    }
    set_close_on_exec(CONTROL_DESCRIPTOR);
    set_nonblocking(CONTROL_DESCRIPTOR, 0);
    failure_reports_to(CONTROL_DESCRIPTOR);
    signal(SIGPIPE, SIG_IGN);
    struct control control = {.fd = CONTROL_DESCRIPTOR};
    struct request request;
    request_read(&request, &control);
    close_descriptors_from(CONTROL_DESCRIPTOR + 1 + request.kept);
    /* A session of its own, so that no signal meant for the shim's terminal or process group reaches the jail. */
    if (setsid() < 0) fail(errno, "setsid");
    if (request.console != NULL) console_take(&request);
    else if (request.terminal) _exit(terminal_run(&request, &control));
    for (int fd = 0; fd <= 2; fd++) set_nonblocking(fd, 0);
    jailed_run(&request, &control);
}
