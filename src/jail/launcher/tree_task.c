#include "tree_task.h"

#include <stdlib.h>
#include <string.h>

struct task *task_create(struct folder *folder)
{
    struct task *task = malloc(sizeof *task);
    if (task == NULL) return NULL;
    task->next = NULL;
    task->folder = folder;
    task->count = 0;
    task->bytes = 0;
    return task;
}

bool task_add(struct task *batch, const char *name, const struct stat *status)
{
    char *own_name = strdup(name);
    if (own_name == NULL) return false;
    batch->entries[batch->count++] = (struct task_entry){.name = own_name, .status = *status};
    batch->bytes += (unsigned long long)status->st_size;
    return true;
}

bool task_is_full(const struct task *batch)
{
    return batch->count == BATCH_ENTRIES || batch->bytes >= BATCH_BYTES;
}

void task_clear(struct task *batch)
{
    for (size_t i = 0; i < batch->count; i++) free(batch->entries[i].name);
    batch->count = 0;
    batch->bytes = 0;
}

void task_free(struct task *task)
{
    task_clear(task);
    free(task);
}
