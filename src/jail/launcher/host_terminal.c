#include "host_terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Blocked, so that it works from a background process too: the terminal is of another session than ours. */
static void set_attributes(const struct termios *attributes)
{
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, &before);
    tcsetattr(STDIN_FILENO, TCSADRAIN, attributes);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

void host_terminal_take(struct host_terminal *terminal)
{
    terminal->taken = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &terminal->before) == 0;
    if (!terminal->taken) return;
    struct termios raw = terminal->before;
    cfmakeraw(&raw);
    set_attributes(&raw);
}

void host_terminal_give_back(const struct host_terminal *terminal)
{
    if (terminal->taken) set_attributes(&terminal->before);
}

void host_terminal_size(int master)
{
    struct winsize size;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0) continue;
        ioctl(master, TIOCSWINSZ, &size);
        return;
    }
}
