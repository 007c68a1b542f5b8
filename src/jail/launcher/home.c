#include "home.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An image may hold anything there: nothing but a plain file is read, and only so much of it. */
enum { LONGEST_LINE = 4096, MOST_LINES = 100000 };

static FILE *open_passwd(void)
{
    int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return NULL;
    struct stat status;
    FILE *file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? fdopen(fd, "r") : NULL;
    if (file == NULL) close(fd);
    return file;
}

/* Cuts a line into its fields, empty ones too; false unless there are as many as asked for. */
static bool cut(char *line, char **fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (line == NULL) return false;
        fields[i] = line;
        line = strchr(line, ':');
        if (line != NULL) *line++ = '\0';
    }
    return true;
}

/* The home folder in `line` if that is the entry of `uid`. */
static const char *home_in(char *line, uid_t uid)
{
    enum { ID = 2, HOME = 5, NEEDED };
    char *fields[NEEDED];
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || !cut(line, fields, NEEDED)) return NULL;
    char *end;
    errno = 0;
    unsigned long long id = strtoull(fields[ID], &end, 10);
    bool same = errno == 0 && end != fields[ID] && *end == '\0' && id == uid;
    return same && fields[HOME][0] == '/' ? fields[HOME] : NULL;
}

static const char *home_of(uid_t uid)
{
    static char line[LONGEST_LINE];
    const char *home = NULL;
    FILE *file = open_passwd();
    if (file == NULL) return "/";
    for (int count = 0; home == NULL && count < MOST_LINES && fgets(line, sizeof line, file) != NULL; count++) {
        home = home_in(line, uid);
    }
    fclose(file);
    return home != NULL ? home : "/";
}

char **environment_with_home(const struct request *request)
{
    for (size_t i = 0; i < request->env_count; i++) {
        if (strncmp(request->env[i], "HOME=", 5) == 0 && request->env[i][5] != '\0') return request->env;
    }
    const char *home = home_of(request->uid);
    size_t length = strlen(home) + sizeof "HOME=";
    char *variable = malloc(length);
    char **env = calloc(request->env_count + 2, sizeof *env);
    if (variable == NULL || env == NULL) fail(ENOMEM, "environment");
    snprintf(variable, length, "HOME=%s", home);
    size_t count = 0;
    for (size_t i = 0; i < request->env_count; i++) {
        if (strncmp(request->env[i], "HOME=", 5) != 0) env[count++] = request->env[i];
    }
    env[count] = variable;
    return env;
}
