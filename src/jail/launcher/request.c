#include "request.h"

#include "failure.h"
#include "limits.h"
#include "number.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The largest id is kept out: to the kernel (uid_t)-1 means "leave as it is". */
static const uint64_t id_limit = UINT32_MAX - 1;

static void __attribute__((noreturn)) malformed(const char *key)
{
    fail_text(EINVAL, "launch request: malformed or repeated %s", key);
}

static void *grown(void *list, size_t count, size_t size)
{
    /* Doubles at each power of two, so that many records cost little. */
    if ((count & (count - 1)) != 0) return list;
    void *bigger = realloc(list, (count == 0 ? 2 : count * 2 + 1) * size);
    if (bigger == NULL) fail(ENOMEM, "launch request");
    return bigger;
}

static void add_text(char ***list, size_t *count, const char *value)
{
    /* One more than the count: the list ends with NULL. */
    *list = grown(*list, *count, sizeof **list);
    char *copy = strdup(value);
    if (copy == NULL) fail(ENOMEM, "launch request");
    (*list)[(*count)++] = copy;
    (*list)[*count] = NULL;
}

static uint64_t number_of(const char *key, const char *value, uint64_t limit)
{
    uint64_t number;
    if (!parse_number(value, limit, &number)) malformed(key);
    return number;
}

static rlim_t take_limit_value(const char **text)
{
    static const char unlimited[] = "unlimited";
    size_t length = sizeof unlimited - 1;
    if (strncmp(*text, unlimited, length) == 0 && ((*text)[length] == ' ' || (*text)[length] == '\0')) {
        *text += (*text)[length] == ' ' ? length + 1 : length;
        return RLIM_INFINITY;
    }
    uint64_t number;
    if (!take_number(text, (uint64_t)RLIM_INFINITY - 1, &number)) malformed("limit");
    return (rlim_t)number;
}

static void add_limit(struct request *request, const char *value)
{
    size_t length = strcspn(value, " ");
    struct request_limit limit = {.resource = limit_resource(value, length)};
    char *type = strndup(value, length);
    if (type == NULL) fail(ENOMEM, "launch request");
    if (limit.resource < 0) fail_text(EINVAL, "rlimit %s: not supported on this system", type);
    const char *rest = value + length;
    if (*rest == ' ') rest++;
    limit.type = type;
    limit.value.rlim_cur = take_limit_value(&rest);
    limit.value.rlim_max = take_limit_value(&rest);
    if (*rest != '\0') malformed("limit");
    request->limits = grown(request->limits, request->limit_count, sizeof *request->limits);
    request->limits[request->limit_count++] = limit;
}

static void set_terminal(struct request *request, const char *value)
{
    uint64_t width, height;
    if (request->terminal || !take_number(&value, USHRT_MAX, &width)) malformed("terminal");
    if (!parse_number(value, USHRT_MAX, &height)) malformed("terminal");
    request->terminal = true;
    request->width = (unsigned short)width;
    request->height = (unsigned short)height;
}

static void set_text(const char **field, const char *key, const char *value)
{
    if (*field != NULL) malformed(key);
    *field = strdup(value);
    if (*field == NULL) fail(ENOMEM, "launch request");
}

static void set_uid(struct request *request, const char *value)
{
    if (request->has_uid) malformed("uid");
    request->has_uid = true;
    request->uid = (uid_t)number_of("uid", value, id_limit);
}

static void set_gid(struct request *request, const char *value)
{
    if (request->has_gid) malformed("gid");
    request->has_gid = true;
    request->gid = (gid_t)number_of("gid", value, id_limit);
}

static void set_umask(struct request *request, const char *value)
{
    if (request->has_umask) malformed("umask");
    request->has_umask = true;
    request->umask = (mode_t)number_of("umask", value, 0777);
}

static void set_files(struct request *request, const char *value)
{
    if (request->has_files) malformed("files");
    request->has_files = true;
    request->files = (rlim_t)number_of("files", value, (uint64_t)RLIM_INFINITY - 1);
}

static void set_requirement(struct request *request, const char *value)
{
    if (request->require_cwd || strcmp(value, "cwd") != 0) malformed("require");
    request->require_cwd = true;
}

static void set_foreground(struct request *request, const char *value)
{
    if (request->foreground || strcmp(value, "1") != 0) malformed("foreground");
    request->foreground = true;
}

static void set_kept(struct request *request, const char *value)
{
    if (request->has_kept) malformed("keep");
    request->has_kept = true;
    request->kept = (int)number_of("keep", value, KEPT_LIMIT);
}

static void set_listeners(struct request *request, const char *value)
{
    if (request->listeners != 0) malformed("listeners");
    request->listeners = (int)number_of("listeners", value, KEPT_LIMIT);
}

static void add_group(struct request *request, const char *value)
{
    gid_t group = (gid_t)number_of("group", value, id_limit);
    request->groups = grown(request->groups, request->group_count, sizeof *request->groups);
    request->groups[request->group_count++] = group;
}

static void take_setting(struct request *request, const char *key, size_t length, const char *value)
{
    switch (settings_take(&request->settings, key, length, value)) {
    case SETTINGS_TAKEN: return;
    case SETTINGS_MALFORMED: fail_text(EINVAL, "launch request: malformed or repeated %.*s", (int)length, key);
    case SETTINGS_UNKNOWN: fail_text(EINVAL, "launch request: unknown key");
    }
}

static void take_record(struct request *request, const char *record)
{
    size_t length = strcspn(record, " ");
    if (record[length] == '\0') fail_text(EINVAL, "launch request: record without a value");
    const char *value = record + length + 1;
#define IS(name) (length == sizeof(name) - 1 && memcmp(record, name, length) == 0)
    if (IS("root")) set_text(&request->root, "root", value);
    else if (IS("home")) set_text(&request->home, "home", value);
    else if (IS("profile")) set_text(&request->profile, "profile", value);
    else if (IS("arg")) add_text(&request->args, &request->arg_count, value);
    else if (IS("env")) add_text(&request->env, &request->env_count, value);
    else if (IS("cwd")) set_text(&request->cwd, "cwd", value);
    else if (IS("require")) set_requirement(request, value);
    else if (IS("uid")) set_uid(request, value);
    else if (IS("gid")) set_gid(request, value);
    else if (IS("group")) add_group(request, value);
    else if (IS("umask")) set_umask(request, value);
    else if (IS("limit")) add_limit(request, value);
    else if (IS("files")) set_files(request, value);
    else if (IS("terminal")) set_terminal(request, value);
    else if (IS("program")) set_text(&request->program, "program", value);
    else if (IS("input")) set_text(&request->input, "input", value);
    else if (IS("gate")) set_text(&request->gate, "gate", value);
    else if (IS("console")) set_text(&request->console, "console", value);
    else if (IS("foreground")) set_foreground(request, value);
    else if (IS("keep")) set_kept(request, value);
    else if (IS("listeners")) set_listeners(request, value);
    else if (IS("seatbelt")) set_text(&request->seatbelt, "seatbelt", value);
    else take_setting(request, record, length, value);
#undef IS
}

static void require_whole(const struct request *request)
{
    const char *folder = request->home != NULL ? request->home : request->root;
    if (request->home != NULL && request->root != NULL) fail_text(EINVAL, "home: must not be given with a root");
    if (folder == NULL || folder[0] != '/') fail_text(EINVAL, "root: must be an absolute path");
    if (request->home == NULL && request->profile != NULL) fail_text(EINVAL, "profile: must be given with a home");
    if (request->cwd == NULL || request->cwd[0] != '/') fail_text(EINVAL, "cwd: must be an absolute path");
    if (request->arg_count == 0) fail_text(EINVAL, "args: must not be empty");
    if (!request->has_uid || !request->has_gid) fail_text(EINVAL, "user: uid and gid must be given");
    if (!request->terminal && (request->console != NULL || request->foreground)) {
        fail_text(EINVAL, "terminal: must be given with a console or a foreground");
    }
    if (request->input != NULL && request->terminal) fail_text(EINVAL, "input: must not be given with a terminal");
    if (request->gate != NULL && request->terminal && request->console == NULL) {
        fail_text(EINVAL, "gate: a relay cannot be left alone");
    }
    if (request->listeners > request->kept) fail_text(EINVAL, "listeners: are among those that are kept");
    if (request->foreground && request->console != NULL) fail_text(EINVAL, "foreground: has no console");
}

void request_read(struct request *request, struct control *control)
{
    *request = (struct request){0};
    /* execve wants a list, also of nothing. */
    request->env = calloc(2, sizeof *request->env);
    if (request->env == NULL) fail(ENOMEM, "launch request");
    size_t total = 0;
    for (;;) {
        const char *record;
        enum control_status status = control_read(control, &record);
        if (status == CONTROL_END && total == 0 && bytes_length(&control->input) == 0) _exit(0);
        if (status == CONTROL_END) fail_text(EINVAL, "launch request: ends early");
        if (status != CONTROL_MESSAGE) fail(errno, "launch request");
        if (record[0] == '\0') break;
        total += strlen(record) + 1;
        if (total > REQUEST_LIMIT) fail(EMSGSIZE, "launch request");
        take_record(request, record);
    }
    require_whole(request);
}
