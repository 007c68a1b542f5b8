#include "tree_queue.h"

#include <unistd.h>

/* A small tree is done before a thread has started: only so many tasks that wait are worth one. */
enum { TASKS_FOR_A_THREAD = 4 };

/* Threads beside the caller's: one for each of the other processors. */
static unsigned helper_limit(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 2) return 0;
    return processors > MOST_THREADS ? MOST_THREADS : (unsigned)processors - 1;
}

void queue_init(struct task_queue *queue, void *(*work)(void *), void *argument)
{
    *queue = (struct task_queue){.thread_limit = helper_limit(), .work = work, .argument = argument};
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
}

void queue_push(struct task_queue *queue, struct task *task)
{
    pthread_mutex_lock(&queue->lock);
    task->next = queue->waiting;
    queue->waiting = task;
    queue->waiting_count++;
    queue->undone++;
    bool more = queue->waiting_count > TASKS_FOR_A_THREAD && queue->thread_count < queue->thread_limit;
    if (more && pthread_create(&queue->threads[queue->thread_count], NULL, queue->work, queue->argument) == 0) {
        queue->thread_count++;
    }
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

struct task *queue_pop(struct task_queue *queue, bool done)
{
    pthread_mutex_lock(&queue->lock);
    if (done && --queue->undone == 0) pthread_cond_broadcast(&queue->changed);
    while (queue->waiting == NULL && queue->undone > 0) pthread_cond_wait(&queue->changed, &queue->lock);
    struct task *task = queue->waiting;
    if (task != NULL) {
        queue->waiting = task->next;
        queue->waiting_count--;
    }
    pthread_mutex_unlock(&queue->lock);
    return task;
}

bool queue_is_short(struct task_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool is_short = queue->waiting_count <= TASKS_FOR_A_THREAD * MOST_THREADS;
    pthread_mutex_unlock(&queue->lock);
    return is_short && queue->thread_limit > 0;
}

void queue_join(struct task_queue *queue)
{
    for (unsigned i = 0; i < queue->thread_count; i++) pthread_join(queue->threads[i], NULL);
}
