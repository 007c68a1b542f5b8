#include "mount_report.h"

#include "failure.h"
#include "mount_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_SIZE = 16384 };

void note(const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    record_append(STDOUT_FILENO, "note", text, NULL);
}

void give_up(int error, const char *subject, const char *format, ...)
{
    char text[TEXT_SIZE], number[16], reason[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (error != 0 && length >= 0 && (size_t)length < sizeof text) {
        error_text(error, reason, sizeof reason);
        snprintf(text + length, sizeof text - (size_t)length, "%s%s", length > 0 ? ": " : "", reason);
    }
    snprintf(number, sizeof number, "%d", error);
    record_append(STDOUT_FILENO, "error", number, subject, text, NULL);
    exit(1);
}
