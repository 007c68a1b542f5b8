#include "process_arguments_darwin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>

/* The kernel's copy: the number of arguments, the program's path, NULs to a boundary, then arguments and environment. */
static char *read_arguments(pid_t pid, size_t *size)
{
    int name[] = {CTL_KERN, KERN_PROCARGS2, (int)pid};
    if (sysctl(name, 3, NULL, size, NULL, 0) != 0) return NULL;
    char *content = malloc(*size + 1);
    if (content == NULL) return NULL;
    if (sysctl(name, 3, content, size, NULL, 0) == 0 && *size > sizeof(int)) {
        content[*size] = '\0';
        return content;
    }
    free(content);
    return NULL;
}

/* Every step is bounded by `end`: the process can write over this memory as it likes. */
static char *join(const char *at, const char *end, int count)
{
    char *command = malloc((size_t)(end - at) + 1);
    if (command == NULL) return NULL;
    size_t length = 0;
    for (int i = 0; i < count && at < end; i++) {
        size_t part = strnlen(at, (size_t)(end - at));
        if (length > 0) command[length++] = ' ';
        memcpy(command + length, at, part);
        length += part;
        at += part + 1;
    }
    command[length] = '\0';
    if (length > 0) return command;
    free(command);
    return NULL;
}

char *process_arguments(pid_t pid)
{
    size_t size = 0;
    char *content = read_arguments(pid, &size);
    if (content == NULL) return NULL;
    int count;
    memcpy(&count, content, sizeof count);
    const char *end = content + size, *at = content + sizeof count;
    at += strnlen(at, (size_t)(end - at));
    while (at < end && *at == '\0') at++;
    char *command = join(at, end, count);
    free(content);
    return command;
}
