#include "relay.h"

#include "clock.h"
#include "descriptors.h"
#include "failure.h"
#include "relay_control.h"
#include "relay_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Times in milliseconds. */
enum {
    /* What others in the jail may still say once the child has ended, as long as there is no pause of this length. */
    QUIET = 100,
    /* A client that reads nothing for so long does not get the rest. */
    STALLED = 10000,
    /* A shim that does not take notice of the end for so long hangs. */
    UNANSWERED = 1000,
};
/* More than a pty holds, so that all of the child's own output is in it, but not the endless one of others. */
enum { LATE_LIMIT = 256 * 1024 };

static int wake_write = -1;

static void on_child(int signal)
{
    (void)signal;
    int error = errno;
    /* When the pipe is full the loop wakes up anyway. */
    if (write(wake_write, "", 1) < 0) errno = error;
    errno = error;
}

void relay_watch_children(struct relay *relay)
{
    int ends[2];
    if (pipe(ends) != 0) fail(errno, "pipe");
    for (int i = 0; i < 2; i++) {
        set_close_on_exec(ends[i]);
        set_nonblocking(ends[i], 1);
    }
    relay->wake = ends[0];
    wake_write = ends[1];
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
}

/* The child stays a zombie, so that its pid cannot be taken by another process while the shim may still signal it. */
static void look_for_end(struct relay *relay)
{
    char dust[64];
    while (read(relay->wake, dust, sizeof dust) > 0) continue;
    /* Where nothing has changed, some systems leave the structure as it was. */
    siginfo_t end = {0};
    if (waitid(P_PID, (id_t)relay->child, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == 0) return;
    relay->child_ended = true;
    relay->input_open = false;
    close(relay->slave);
    relay->last_read = relay->last_progress = clock_milliseconds();
    relay_tell_end(relay);
}

static bool is_done(struct relay *relay)
{
    if (!relay->child_ended) return false;
    int64_t now = clock_milliseconds();
    bool quiet = relay_wants_output(relay) && now - relay->last_read >= QUIET;
    if (quiet || relay->late >= LATE_LIMIT || now - relay->last_progress >= STALLED) relay->output_open = false;
    bool drained = !relay->output_open && (bytes_length(&relay->output) == 0 || now - relay->last_progress >= STALLED);
    bool answered = relay->shim_knows || !relay->control_open || now - relay->last_progress >= UNANSWERED;
    return drained && answered && relay->line < 0;
}

static int watch(fd_set *set, int fd, bool wanted, int highest)
{
    if (!wanted) return highest;
    FD_SET(fd, set);
    return fd > highest ? fd : highest;
}

/* select and not poll, which on macOS does not support devices such as the pty. */
static void copy_once(struct relay *relay)
{
    fd_set readable, writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    int highest = watch(&readable, relay->wake, true, -1);
    highest = watch(&readable, relay->control->fd, relay->control_open, highest);
    highest = watch(&readable, relay->line, relay->line >= 0, highest);
    highest = watch(&readable, STDIN_FILENO, relay_wants_input(relay), highest);
    highest = watch(&readable, relay->master, relay_wants_output(relay), highest);
    highest = watch(&writable, relay->master, bytes_length(&relay->input) > 0 && !relay->child_ended, highest);
    highest = watch(&writable, STDOUT_FILENO, bytes_length(&relay->output) > 0, highest);
    struct timeval tick = {.tv_usec = QUIET * 1000 / 2};
    if (select(highest + 1, &readable, &writable, NULL, relay->child_ended ? &tick : NULL) < 0) return;
    if (FD_ISSET(STDOUT_FILENO, &writable)) relay_write_output(relay);
    if (FD_ISSET(relay->master, &writable)) relay_write_input(relay);
    if (FD_ISSET(relay->master, &readable)) relay_read_output(relay);
    if (FD_ISSET(STDIN_FILENO, &readable)) relay_read_input(relay);
    if (relay->line >= 0 && FD_ISSET(relay->line, &readable)) relay_read_line(relay);
    if (FD_ISSET(relay->control->fd, &readable)) relay_read_control(relay);
    /* Only once its line is closed: the shim is told of the start and then of the end, however fast a program is. */
    if (FD_ISSET(relay->wake, &readable) && !relay->child_ended && relay->line < 0) look_for_end(relay);
}

/* Only for streams that cannot be someone's terminal: there the setting would outlive us in other programs. */
static bool make_nonblocking(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))) return false;
    return !set_nonblocking(fd, 1);
}

static int reap(const struct relay *relay)
{
    int status;
    while (waitpid(relay->child, &status, 0) < 0) {
        if (errno != EINTR) return 255;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int relay_run(struct relay *relay)
{
    relay->control_open = relay->input_open = relay->output_open = true;
    set_nonblocking(relay->master, 1);
    bool input_changed = make_nonblocking(STDIN_FILENO);
    bool output_changed = make_nonblocking(STDOUT_FILENO);
    relay_take_messages(relay);
    while (!is_done(relay)) copy_once(relay);
    if (input_changed) set_nonblocking(STDIN_FILENO, 0);
    if (output_changed) set_nonblocking(STDOUT_FILENO, 0);
    return reap(relay);
}
