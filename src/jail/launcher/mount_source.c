#include "mount_source.h"

#include "mount_report.h"

#include <errno.h>

void bind_source_status(const char *destination, const char *source, struct stat *status)
{
    if (stat(source, status) == 0) return;
    if (errno == ENOENT) give_up(0, destination, "bind source path does not exist: %s", source);
    give_up(errno, destination, "bind source %s", source);
}
