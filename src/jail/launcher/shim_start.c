#include "shim_start.h"

#include "daemon_process.h"
#include "listening_socket.h"
#include "shim_input.h"
#include "shim_paths.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* containerd up to 1.7 finds the shim again by this file after a restart. */
static bool write_address(const char *bundle, const char *address)
{
    char path[PATH_MAX];
    if (!shim_bundle_path(bundle, "address", path, sizeof path)) return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    size_t length = strlen(address);
    bool written = write(fd, address, length) == (ssize_t)length;
    return close(fd) == 0 && written;
}

/* What a daemon is told besides the arguments. */
struct daemon_start {
    const char *program;
    const char *bundle;
    const char *socket;
    const char *log_level;
};

static bool run_daemon(const struct shim_arguments *arguments, const struct daemon_start *start, int listening)
{
    char log[PATH_MAX];
    if (!shim_bundle_path(start->bundle, "panic.log", log, sizeof log)) return false;
    /* As src/shim/start_daemon.ts has them, arguments and environment. */
    const char *args[] = {
        arguments->name, "-namespace", arguments->namespace, "-id", arguments->id, "-bundle", start->bundle, "-address",
        arguments->address, "-socket", start->socket, "-log-level", start->log_level, "daemon", NULL,
    };
    setenv("BUN_JSC_useJIT", "0", 1);
    setenv("BUN_JSC_largeHeapSize", "2097152", 1);
    return start_daemon(listening, log, start->program, (char **)(uintptr_t)args);
}

static bool answer(enum shim_input asked, const char *address)
{
    if (asked == INPUT_BOOTSTRAP) return shim_bootstrap_answer(address);
    size_t length = strlen(address);
    return write(STDOUT_FILENO, address, length) == (ssize_t)length;
}

bool shim_start(const struct shim_arguments *arguments, const char *program)
{
    char working[PATH_MAX], path[PATH_MAX], address[PATH_MAX];
    const char *bundle = arguments->bundle != NULL ? arguments->bundle : getcwd(working, sizeof working);
    int listening;
    if (bundle == NULL || !shim_socket_path(arguments, path, sizeof path)) return false;
    struct shim_bootstrap bootstrap = {.log_level = arguments->debug ? "debug" : "info"};
    enum shim_input asked = shim_input_read(arguments, bundle, &bootstrap);
    if (asked == INPUT_UNCLEAR) return false;
    if (bootstrap.ttrpc_address[0] != '\0') setenv("TTRPC_ADDRESS", bootstrap.ttrpc_address, 1);
    enum listen_result result = listen_unless_served(path, &listening);
    if (result == SOCKET_FAILED) return false;
    int length = snprintf(address, sizeof address, "unix://%s", path);
    bool ready = length > 0 && (size_t)length < sizeof address && write_address(bundle, address);
    struct daemon_start start = {program, bundle, path, bootstrap.log_level};
    if (ready && result == SOCKET_LISTENS) ready = run_daemon(arguments, &start, listening);
    if (!ready && result == SOCKET_LISTENS) {
        close(listening);
        unlink(path);
    }
    return ready && answer(asked, address);
}
