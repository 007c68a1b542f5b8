/* The tasks of a walk, and the threads that do them: the caller's, and others as long as there is enough to do. */
#ifndef RUND_TREE_QUEUE_H
#define RUND_TREE_QUEUE_H

#include "tree_task.h"

#include <pthread.h>

enum { MOST_THREADS = 8 };

struct task_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* The newest first: so the fewest folders are open at once. */
    struct task *waiting;
    unsigned waiting_count;
    /* Tasks that wait or are being done. */
    unsigned undone;
    pthread_t threads[MOST_THREADS];
    unsigned thread_count;
    unsigned thread_limit;
    /* What each thread runs, and with what. */
    void *(*work)(void *argument);
    void *argument;
};

void queue_init(struct task_queue *queue, void *(*work)(void *), void *argument);
void queue_push(struct task_queue *queue, struct task *task);
/* The next task; NULL when all have been done. The one before, which `done` says there was, counts as done now. */
struct task *queue_pop(struct task_queue *queue, bool done);
/* Whether another thread could do with one more task. */
bool queue_is_short(struct task_queue *queue);
/* Waits for the other threads, after the last task. */
void queue_join(struct task_queue *queue);

#endif
