#include "jailed.h"

#include "credentials.h"
#include "descriptors.h"
#include "environment.h"
#include "failure.h"
#include "gate.h"
#include "input_fifo.h"
#include "limits.h"
#include "profile.h"
#include "program.h"
#include "program_format.h"
#include "root_directory.h"
#include "seatbelt.h"
#include "signals.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The end of the line means that the shim has gone: a task that it did not start must not linger. `gate` is where the
 * process may be left to whoever comes, or -1.
 */
static void wait_for_start(struct control *control, int gate)
{
    for (;;) {
        const char *message;
        enum control_status status = control_read(control, &message);
        if (status != CONTROL_MESSAGE) _exit(0);
        if (strcmp(message, "start") == 0) return;
        if (gate >= 0 && strcmp(message, "leave") == 0) {
            gate_wait(gate, control);
            return;
        }
        if (strncmp(message, "resize ", 7) != 0) fail_text(EINVAL, "launch request: unknown message at the gate");
    }
}

struct program {
    const char *name;
    const char *path;
    char **args;
};

/* What is executed. A name that is not found may be one that only the profile's PATH leads to: then the shell tells. */
static struct program choose_program(const struct request *request, char **env)
{
    const char *name = request->program != NULL ? request->program : request->args[0];
    if (!profile_is_there(request)) return (struct program){name, program_find(name, env, request->home), request->args};
    const char *found = NULL;
    if (strchr(name, '/') != NULL) found = program_find(name, env, request->home);
    else if (program_look(name, env, NULL) == NULL) found = program_look(name, env, request->home);
    char **args = profile_arguments(request, found != NULL ? found : name);
    return (struct program){name, args[0], args};
}

/*
 * The order matters: limits before the user, because only root raises them; the program is looked up last, in the jail
 * and as the user, because that is who will run it. Where there is no jail to hold it, the working directory is entered as
 * the user too: a link in the image leads nowhere that the user could not go.
 */
void jailed_run(const struct request *request, struct control *control)
{
    reset_signals();
    keep_descriptors(request->kept, control);
    refuse_directories();
    if (request->input != NULL) input_take(request->input);
    int gate = request->gate == NULL ? -1 : gate_open(request->gate);
    settings_apply_outside(&request->settings);
    seatbelt_prepare(request);
    bool entered = false;
    if (request->home != NULL) {
        enter_home(request->home);
    } else {
        enter_root(request->root);
        entered = enter_working_directory(request->cwd, !request->require_cwd);
    }
    char **env = environment_of(request);
    umask(request->has_umask ? request->umask : 022);
    limits_apply(request);
    credentials_apply(request);
    if (request->home != NULL) entered = enter_working_directory(request->cwd, !request->require_cwd);
    if (!entered && chdir(request->cwd) != 0) fail(errno, "cwd %s", request->cwd);
    const struct program program = choose_program(request, env);
    refuse_program_format(program.name, program.path);
    if (!control_send(control->fd, "ready %ld", (long)getpid())) _exit(0);
    wait_for_start(control, gate);
    if (request->input != NULL) input_keep(control);
    /*
     * Before exec, because there is no after: the end of the line (close-on-exec) then tells success. Without this
     * word it would look the same when the process was killed at the gate.
     */
    if (!control_send(control->fd, "started")) _exit(0);
    allow_broken_pipe_signal();
    seatbelt_apply();
    execve(program.path, program.args, env);
    fail(errno, "exec %s", program.path);
}
