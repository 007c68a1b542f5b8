/*
 * Operations of a plan that only Linux has.
 *
 *   mount DEST TYPE SOURCE OPTION...   a file system of the kernel's
 *   bind DEST SOURCE OPTION...         a bind mount of the kernel's
 *   devices DEST                       the default device nodes
 *   node PATH TYPE MAJOR MINOR MODE UID GID   one more
 *   hide PATH                          shows nothing where the jail has something (mount_hide.h)
 *   protect PATH                       makes it read-only there
 *   readonly                           makes the jail's root read-only
 */
#include "mount_attach.h"
#include "mount_devices.h"
#include "mount_hide.h"
#include "mount_operation.h"
#include "mount_options.h"

#include <stdlib.h>
#include <string.h>

static void run_mount(const struct base *base, const struct record *record)
{
    struct mount_options options;
    const char *destination = record_field(record, 1);
    mount_options_read(&options, record, 4, destination);
    attach_filesystem(base, destination, record_field(record, 2), record_field(record, 3), &options);
    free(options.data);
}

static void run_bind(const struct base *base, const struct record *record)
{
    struct mount_options options;
    const char *destination = record_field(record, 1);
    mount_options_read(&options, record, 3, destination);
    attach_bind(base, destination, record_field(record, 2), &options);
    free(options.data);
}

static void run_devices(const struct base *base, const struct record *record)
{
    devices_default(base, record_field(record, 1));
}

static void run_hide(const struct base *base, const struct record *record)
{
    hide_path(base, record_field(record, 1));
}

static void run_protect(const struct base *base, const struct record *record)
{
    protect_path(base, record_field(record, 1));
}

static void run_read_only(const struct base *base, const struct record *record)
{
    (void)record;
    attach_read_only(base);
}

mount_operation *system_operation(const char *name)
{
    static const struct {
        const char *name;
        mount_operation *run;
    } operations[] = {
        {"mount", run_mount}, {"bind", run_bind},       {"devices", run_devices},    {"node", devices_make},
        {"hide", run_hide},   {"protect", run_protect}, {"readonly", run_read_only},
    };
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, name) == 0) return operations[i].run;
    }
    return NULL;
}

void system_undo_read_only(const struct record *step)
{
    attach_writable(record_field(step, 1), record_field(step, 3));
}
