#include "daemon_process.h"

#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LISTENING_DESCRIPTOR = 3, REPORT_DESCRIPTOR };

/* Puts every descriptor in its place; the report's closes at exec, which tells the starter that all went well. */
static bool arrange_descriptors(int listening, int report, const char *log)
{
    int null = open("/dev/null", O_RDWR);
    int errors = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (null < 0 || errors < 0) return false;
    /* Out of the way of the places themselves first. */
    int high_listening = fcntl(listening, F_DUPFD, REPORT_DESCRIPTOR + 1);
    int high_report = fcntl(report, F_DUPFD, REPORT_DESCRIPTOR + 1);
    if (high_listening < 0 || high_report < 0) return false;
    bool placed = dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(errors, 2) >= 0 &&
                  dup2(high_listening, LISTENING_DESCRIPTOR) >= 0 && dup2(high_report, REPORT_DESCRIPTOR) >= 0;
    close_descriptors_from(REPORT_DESCRIPTOR + 1);
    return placed && fcntl(REPORT_DESCRIPTOR, F_SETFD, FD_CLOEXEC) == 0;
}

static _Noreturn void become_daemon(int listening, int report, const char *log, const char *program, char **args)
{
    bool ready = setsid() >= 0 && chdir("/") == 0 && arrange_descriptors(listening, report, log);
    if (ready) {
        execv(program, args);
        report = REPORT_DESCRIPTOR;
    }
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    _exit(written == (ssize_t)sizeof error ? 1 : 2);
}

bool start_daemon(int listening, const char *log, const char *program, char **args)
{
    int report[2];
    if (pipe(report) != 0) return false;
    pid_t pid = fork();
    if (pid < 0) return false;
    if (pid == 0) become_daemon(listening, report[1], log, program, args);
    close(report[1]);
    int error;
    ssize_t length;
    do length = read(report[0], &error, sizeof error);
    while (length < 0 && errno == EINTR);
    close(report[0]);
    if (length == 0) return true;
    errno = length == (ssize_t)sizeof error ? error : EIO;
    return false;
}
