#include "failure.h"

#include "control.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_SIZE = 3 * PATH_MAX };

static int reports_to = -1;

void failure_reports_to(int control_fd)
{
    reports_to = control_fd;
}

void error_text(int error, char *text, size_t size)
{
    snprintf(text, size, "%s", strerror(error));
    if (text[0] != '\0' && islower((unsigned char)text[1])) text[0] = (char)tolower((unsigned char)text[0]);
}

const char *error_name(int error)
{
    switch (error) {
    case ENOENT: return "ENOENT";
    case EACCES: return "EACCES";
    case EPERM: return "EPERM";
    case ENOTDIR: return "ENOTDIR";
    case EISDIR: return "EISDIR";
    case EINVAL: return "EINVAL";
    case ENOEXEC: return "ENOEXEC";
    case ELOOP: return "ELOOP";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case E2BIG: return "E2BIG";
    case EMSGSIZE: return "EMSGSIZE";
    case ENOMEM: return "ENOMEM";
    case EAGAIN: return "EAGAIN";
    case ENOSPC: return "ENOSPC";
    case EMFILE: return "EMFILE";
    case ENFILE: return "ENFILE";
    case EEXIST: return "EEXIST";
    case EDQUOT: return "EDQUOT";
    case EBUSY: return "EBUSY";
    default: return "EIO";
    }
}

static void __attribute__((noreturn)) give_up(int error, const char *text)
{
    /* By hand, without the shim, there is no control descriptor: a person reads this. */
    if (!control_send(reports_to, "error %s %s", error_name(error), text)) fprintf(stderr, "rund-jail: %s\n", text);
    _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

void fail(int error, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char reason[128];
    error_text(error, reason, sizeof reason);
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, ": %s", reason);
    give_up(error, text);
}

void fail_text(int error, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    give_up(error, text);
}
