#include "subcommand.h"

#include "control.h"
#include "end_with_parent.h"
#include "trees_request.h"
#include "trees_worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many requests at once; those behind them wait in the stream. */
enum { MOST_WORKERS = 64, READ_SIZE = 4096 };

struct server {
    struct bytes input;
    bool at_end;
    struct worker *workers;
    nfds_t worker_count;
};

static command_main *command_named(const char *name)
{
    static const struct {
        const char *name;
        command_main *run;
    } commands[] = {
        {"tree", tree_main}, {"clone", clone_main}, {"usage", usage_main}, {"remove", remove_main}, {"sync", sync_main},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) return commands[i].run;
    }
    return NULL;
}

static bool begin(struct server *server, struct trees_request *request)
{
    if (request->argc == 0) {
        workers_kill(server->workers, &request->id);
        return true;
    }
    command_main *run = command_named(request->argv[0]);
    if (run == NULL) return false;
    if (!worker_start(&server->workers, request->id, run, request->argc, request->argv)) {
        return worker_refuse(request->id, request->argv[0], STDOUT_FILENO);
    }
    server->worker_count++;
    return true;
}

/* Begins what has come as a whole, as long as there is room for it. */
static bool begin_all(struct server *server)
{
    size_t size;
    while (server->worker_count < MOST_WORKERS && (size = trees_request_size(&server->input)) > 0) {
        struct trees_request request;
        if (!trees_request_read(&server->input, size, &request) || !begin(server, &request)) return false;
        bytes_take(&server->input, size);
    }
    return bytes_length(&server->input) <= MOST_REQUEST;
}

static bool read_requests(struct server *server)
{
    char *room = bytes_reserve(&server->input, READ_SIZE);
    if (room == NULL) return false;
    ssize_t got = read(STDIN_FILENO, room, READ_SIZE);
    if (got < 0) return errno == EINTR;
    server->at_end = got == 0;
    bytes_append(&server->input, (size_t)got);
    return true;
}

/* Waits until something has come. False with errno. */
static bool serve_next(struct server *server)
{
    struct pollfd polled[1 + MOST_WORKERS];
    struct worker *workers[MOST_WORKERS];
    nfds_t count = 0;
    for (struct worker *worker = server->workers; worker != NULL; worker = worker->next) {
        polled[count] = (struct pollfd){.fd = worker->output, .events = POLLIN};
        workers[count++] = worker;
    }
    bool has_room = count < MOST_WORKERS;
    polled[count] = (struct pollfd){.fd = has_room ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(polled, count + 1, -1) < 0) return errno == EINTR;
    for (nfds_t i = 0; i < count; i++) {
        if (polled[i].revents == 0 || worker_read(workers[i])) continue;
        if (!worker_finish(&server->workers, workers[i], STDOUT_FILENO)) return false;
        server->worker_count--;
    }
    if (polled[count].revents != 0 && !read_requests(server)) return false;
    return begin_all(server);
}

/*
 * trees: does what is asked on standard input, `tree`, `clone`, `usage`, `remove` and `sync`, several at once, and answers
 * on standard output; to start a program for each takes longer than most of them do. When its input ends, as it does with
 * whoever asks, it ends what is under way, and itself.
 */
int trees_main(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        fputs("usage: rund-jail trees\n", stderr);
        return EXIT_USAGE;
    }
    end_with_parent();
    /* Written to nobody, an answer is an error and not our death: what is under way has to end before us. */
    signal(SIGPIPE, SIG_IGN);
    struct server server = {0};
    bool served = true;
    while (served && !server.at_end) served = serve_next(&server);
    workers_kill(server.workers, NULL);
    while (server.workers != NULL) worker_finish(&server.workers, server.workers, STDOUT_FILENO);
    free(server.input.data);
    return served ? EXIT_SUCCESS : EXIT_FAILURE;
}
