#include "trees_worker.h"

#include "control.h"
#include "end_with_parent.h"
#include "failure.h"
#include "trees_request.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_SIZE = 4096 };

/* Its streams in place of ours: what comes for us is not for it, and nothing that it prints is an answer. */
static __attribute__((noreturn)) void become(pid_t server, const struct worker *others, int output, command_main *run,
                                             int argc, char **argv)
{
    end_with_parent();
    /* It may have ended before that. */
    if (getppid() != server) _exit(EXIT_FAILURE);
    for (const struct worker *other = others; other != NULL; other = other->next) close(other->output);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool has_streams = nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                       dup2(output, STDERR_FILENO) >= 0;
    if (!has_streams) _exit(EXIT_FAILURE);
    close(nothing);
    close(output);
    exit(run(argc, argv));
}

bool worker_start(struct worker **workers, uint32_t id, command_main *run, int argc, char **argv)
{
    int output[2];
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL || pipe(output) != 0) {
        free(worker);
        return false;
    }
    pid_t server = getpid(), pid = fork();
    if (pid == 0) {
        free(worker);
        close(output[0]);
        become(server, *workers, output[1], run, argc, argv);
    }
    int error = errno;
    close(output[1]);
    if (pid < 0) {
        close(output[0]);
        free(worker);
        errno = error;
        return false;
    }
    *worker = (struct worker){.next = *workers, .id = id, .pid = pid, .output = output[0]};
    *workers = worker;
    return true;
}

bool worker_read(struct worker *worker)
{
    char *room = bytes_reserve(&worker->printed, READ_SIZE);
    if (room == NULL) return false;
    ssize_t got = read(worker->output, room, READ_SIZE);
    if (got > 0) bytes_append(&worker->printed, (size_t)got);
    return got > 0 || (got < 0 && errno == EINTR);
}

/* The exit status, or -1 for one that a signal has ended. */
static uint32_t wait_for(pid_t pid)
{
    int status;
    pid_t ended;
    do ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == pid && WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : UINT32_MAX;
}

static bool answer(int answers, uint32_t id, uint32_t status, const char *printed, size_t length)
{
    char head[3 * NUMBER_SIZE];
    number_write(head, (uint32_t)(2 * NUMBER_SIZE + length));
    number_write(head + NUMBER_SIZE, id);
    number_write(head + 2 * NUMBER_SIZE, status);
    return write_all(answers, head, sizeof head) && write_all(answers, printed, length);
}

bool worker_refuse(uint32_t id, const char *command, int answers)
{
    int error = errno;
    char reason[128], text[256];
    error_text(error, reason, sizeof reason);
    snprintf(text, sizeof text, "%s %s: %s\n", error_name(error), command, reason);
    return answer(answers, id, EXIT_FAILURE, text, strlen(text));
}

bool worker_finish(struct worker **workers, struct worker *worker, int answers)
{
    close(worker->output);
    uint32_t status = wait_for(worker->pid);
    const struct bytes *printed = &worker->printed;
    bool answered = answer(answers, worker->id, status, bytes_front(printed), bytes_length(printed));
    while (*workers != worker) workers = &(*workers)->next;
    *workers = worker->next;
    free(worker->printed.data);
    free(worker);
    return answered;
}

void workers_kill(const struct worker *workers, const uint32_t *id)
{
    for (; workers != NULL; workers = workers->next) {
        if (id == NULL || workers->id == *id) kill(workers->pid, SIGKILL);
    }
}
