#include "mount_server.h"

#ifdef __linux__

#include "failure.h"
#include "mount_journal.h"
#include "mount_process.h"
#include "mount_report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_SIZE = 1024 };

/* Each open file in the jail is one of the server's, so it gets as many as may be. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static __attribute__((noreturn)) void run(int gate, int log, char **argv)
{
    char go, reason[128];
    sigset_t none;
    setsid();
    /* The gate closes without a word when the launcher is killed before it has journaled this process. */
    if (read(gate, &go, 1) != 1) _exit(1);
    int nothing = open("/dev/null", O_RDONLY);
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) _exit(1);
    syscall(SYS_close_range, 3U, ~0U, 0U);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    raise_file_limit();
    if (chdir("/") == 0) execvp(argv[0], argv);
    error_text(errno, reason, sizeof reason);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], reason);
    _exit(127);
}

static char **make_argv(const char *program, char **args, size_t count, const char *source, const char *mountpoint)
{
    char **argv = calloc(count + 4, sizeof *argv);
    if (argv == NULL) return NULL;
    argv[0] = strdup(program);
    memcpy(argv + 1, args, count * sizeof *argv);
    argv[count + 1] = strdup(source);
    argv[count + 2] = strdup(mountpoint);
    return argv[0] == NULL || argv[count + 1] == NULL || argv[count + 2] == NULL ? NULL : argv;
}

static void free_argv(char **argv, size_t count)
{
    free(argv[0]);
    free(argv[count + 1]);
    free(argv[count + 2]);
    free(argv);
}

void server_start(struct server *server, const char *program, char **args, size_t arg_count, const char *source,
                  const char *mountpoint, const char *log, const char *destination)
{
    int gate[2];
    char pid[16], **argv = make_argv(program, args, arg_count, source, mountpoint);
    journal_step("scrap", log);
    int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) give_up(errno, destination, "%s", log);
    *server = (struct server){.program = program, .log = log, .pid = -1};
    if (argv != NULL && pipe2(gate, O_CLOEXEC) == 0) server->pid = fork();
    if (server->pid < 0) give_up(errno, destination, "%s", program);
    if (server->pid == 0) {
        close(gate[1]);
        run(gate[0], file, argv);
    }
    snprintf(pid, sizeof pid, "%d", (int)server->pid);
    journal_step("child", pid, process_started(server->pid).text);
    if (write(gate[1], "g", 1) != 1) give_up(errno, destination, "%s", program);
    close(gate[0]);
    close(gate[1]);
    close(file);
    free_argv(argv, arg_count);
}

/* The end of what the server said, in one line. */
static void read_said(const char *log, char said[SAID_SIZE])
{
    int file = open(log, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    off_t size = file < 0 ? 0 : lseek(file, 0, SEEK_END);
    off_t from = size > SAID_SIZE - 1 ? size - (SAID_SIZE - 1) : 0;
    ssize_t length = file < 0 ? 0 : pread(file, said, SAID_SIZE - 1, from);
    if (file >= 0) close(file);
    if (length < 0) length = 0;
    while (length > 0 && (said[length - 1] == '\n' || said[length - 1] == ' ')) length--;
    said[length] = '\0';
    for (ssize_t i = 0; i < length; i++) {
        if (said[i] == '\n') said[i] = ' ';
    }
}

void server_check(const struct server *server, const char *destination)
{
    char said[SAID_SIZE];
    int status;
    if (waitpid(server->pid, &status, WNOHANG) != server->pid) return;
    read_said(server->log, said);
    if (said[0] != '\0') give_up(0, destination, "bindfs: %s", said);
    if (WIFSIGNALED(status)) give_up(0, destination, "bindfs: ended by signal %d", WTERMSIG(status));
    give_up(0, destination, "bindfs: ended with %d", WEXITSTATUS(status));
}

#endif
