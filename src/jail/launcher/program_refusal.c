#include "program_format.h"

#include "failure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

/* As deep as Linux lets scripts be the interpreters of scripts. */
enum { MOST_INTERPRETERS = 5 };

#ifdef __APPLE__
static const enum host_system this_host = HOST_MACOS;
#else
static const enum host_system this_host = HOST_LINUX;
#endif

/* `via` are the interpreters between the program and `path`, as a text for errors. */
static void refuse(const char *name, const char *program, const char *path, const char *via, int depth)
{
    char text[512], interpreter[PATH_MAX], further[2 * PATH_MAX];
    struct utsname host = {.machine = "unknown"};
    struct program_head head;
    struct stat status;
    uname(&host);
    if (!program_head_read(path, &head)) return;
    if (program_is_foreign(&head, this_host, host.machine, text, sizeof text)) {
        fail_text(ENOEXEC, "exec: \"%s\": exec format error: %s", name, text);
    }
    if (!program_interpreter(path, &head, this_host, host.machine, interpreter, sizeof interpreter)) return;
    if (stat(interpreter, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        int error = errno;
        /* As editors of Windows end a line; in an error it would only be seen by what it does to the terminal. */
        char *end = interpreter + strlen(interpreter) - 1;
        bool returns = *end == '\r';
        if (returns) *end = '\0';
        fail(error, "exec %s:%s its interpreter %s%s", program, via, interpreter,
             returns ? " with a carriage return behind it" : "");
    }
    if (snprintf(further, sizeof further, "%s its interpreter %s:", via, interpreter) >= (int)sizeof further) return;
    if (depth < MOST_INTERPRETERS) refuse(name, program, interpreter, further, depth + 1);
}

void refuse_program_format(const char *name, const char *path)
{
    refuse(name, path, path, "", 1);
}
