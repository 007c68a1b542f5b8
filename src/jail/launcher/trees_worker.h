/* A process that does one request of `trees`: whatever becomes of it is the end of that request alone. */
#ifndef RUND_TREES_WORKER_H
#define RUND_TREES_WORKER_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct worker {
    struct worker *next;
    uint32_t id;
    pid_t pid;
    /* The reading end of both its output streams: a command prints its answer to one, or why it failed to the other. */
    int output;
    struct bytes printed;
};

typedef int command_main(int argc, char **argv);

/* Puts a new one in front of the others. False with errno. */
bool worker_start(struct worker **workers, uint32_t id, command_main *run, int argc, char **argv);
/* Answers a request that no process could be made for, as that process would: with the reason, of errno. */
bool worker_refuse(uint32_t id, const char *command, int answers);
/* Reads what it has printed now; false when that was all, and the process is about to end. */
bool worker_read(struct worker *worker);
/* Waits for its end, takes it out of the list and writes the answer. False with errno when that cannot be written. */
bool worker_finish(struct worker **workers, struct worker *worker, int answers);
/* Ends those of this id, or all for NULL. They are still to be finished. */
void workers_kill(const struct worker *workers, const uint32_t *id);

#endif
