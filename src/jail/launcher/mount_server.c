#include "mount_server.h"

#include "failure.h"
#include "mount_journal.h"
#include "mount_process.h"
#include "mount_report.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_SIZE = 1024 };

/* Each open file in the jail is one of the server's, so it gets as many as may be. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = platform_most_files(limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static __attribute__((noreturn)) void run(int gate, int input, int log, char **argv)
{
    char go, reason[128];
    sigset_t none;
    setsid();
    /* The gate closes without a word when the launcher is killed before it has journaled this process. */
    if (read(gate, &go, 1) != 1) _exit(1);
    if (input == 0) input = open("/dev/null", O_RDONLY);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) _exit(1);
    platform_close_from(3);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    raise_file_limit();
    if (chdir("/") == 0) execvp(argv[0], argv);
    error_text(errno, reason, sizeof reason);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], reason);
    _exit(127);
}

/* The arguments with the program before and the paths behind them. */
static char **make_argv(const struct server_command *command)
{
    char **argv = calloc(command->arg_count + 4, sizeof *argv);
    size_t count = 0;
    if (argv == NULL) return NULL;
    argv[count++] = strdup(command->program);
    for (size_t i = 0; i < command->arg_count; i++) argv[count++] = strdup(command->args[i]);
    if (command->source != NULL) argv[count++] = strdup(command->source);
    argv[count++] = strdup(command->mountpoint);
    for (size_t i = 0; i < count; i++) {
        if (argv[i] == NULL) return NULL;
    }
    return argv;
}

static void free_argv(char **argv)
{
    for (size_t i = 0; argv[i] != NULL; i++) free(argv[i]);
    free(argv);
}

static int open_log(const char *log, const char *destination)
{
    journal_step("scrap", log);
    int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) give_up(errno, destination, "%s", log);
    return file;
}

/* pipe2 is Linux's; nobody else forks here. */
static bool open_gate(int gate[2])
{
    return pipe(gate) == 0 && fcntl(gate[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(gate[1], F_SETFD, FD_CLOEXEC) == 0;
}

void server_start(struct server *server, const struct server_command *command, const char *destination)
{
    int gate[2];
    char pid[16], **argv = make_argv(command);
    int log = open_log(command->log, destination);
    *server = (struct server){.name = command->name, .log = command->log, .pid = -1};
    if (argv != NULL && open_gate(gate)) server->pid = fork();
    if (server->pid < 0) give_up(errno, destination, "%s", command->program);
    if (server->pid == 0) {
        close(gate[1]);
        run(gate[0], command->input, log, argv);
    }
    snprintf(pid, sizeof pid, "%d", (int)server->pid);
    journal_step(command->step, pid, process_started(server->pid).text);
    if (write(gate[1], "g", 1) != 1) give_up(errno, destination, "%s", command->program);
    close(gate[0]);
    close(gate[1]);
    close(log);
    free_argv(argv);
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

/* Gives up with what it said; `status` as of waitpid. */
static __attribute__((noreturn)) void report_end(const struct server *server, int status, const char *destination)
{
    char said[SAID_SIZE];
    read_said(server->log, said);
    /* Most programs begin with their name themselves. */
    size_t length = strlen(server->name);
    bool named = strncmp(said, server->name, length) == 0 && said[length] == ':';
    if (said[0] != '\0') give_up(0, destination, "%s%s%s", named ? "" : server->name, named ? "" : ": ", said);
    if (WIFSIGNALED(status)) give_up(0, destination, "%s: ended by signal %d", server->name, WTERMSIG(status));
    give_up(0, destination, "%s: ended with %d", server->name, WEXITSTATUS(status));
}

void server_check(const struct server *server, const char *destination)
{
    int status;
    if (waitpid(server->pid, &status, WNOHANG) == server->pid) report_end(server, status, destination);
}

bool server_succeeded(const struct server *server, const char *destination)
{
    int status;
    if (waitpid(server->pid, &status, WNOHANG) != server->pid) return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) report_end(server, status, destination);
    return true;
}
