#include "mount_attach.h"

#include "mount_identity.h"
#include "mount_journal.h"
#include "mount_overlay.h"
#include "mount_report.h"
#include "mount_source.h"
#include "mount_stub.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A mount point that was found and is held while something is mounted on it. */
struct target {
    const struct base *base;
    const char *destination;
    struct place place;
    int fd;
};

void descriptor_path(int fd, char path[64])
{
    snprintf(path, 64, "/proc/self/fd/%d", fd);
}

static void open_top(struct target *target)
{
    struct stat status;
    target->fd = place_open(&target->place);
    if (target->fd < 0 || fstat(target->fd, &status) != 0) give_up(errno, target->destination, "%s", "mount point");
    if (S_ISLNK(status.st_mode)) give_up(ELOOP, target->destination, "%s", "mount point");
}

static void target_open(struct target *target, const struct base *base, const char *destination, enum create create)
{
    target->base = base;
    target->destination = destination;
    if (!place_find(base, destination, create, &target->place)) give_up(errno, destination, "%s", "mount point");
    if (target->place.name[0] == '\0') give_up(0, destination, "%s", "the root cannot be a mount point");
    open_top(target);
    journal_step("mount", base->path, target->place.path, mount_id_of(target->fd).text);
}

/* From here on the target's descriptor is in the new mount. */
static void target_mounted(struct target *target)
{
    close(target->fd);
    open_top(target);
    journal_step("mounted", target->base->path, target->place.path, mount_id_of(target->fd).text);
}

static void set_propagation(const struct target *target, const struct mount_options *options)
{
    char path[64];
    descriptor_path(target->fd, path);
    for (size_t i = 0; i < options->propagation_count; i++) {
        if (mount(NULL, path, NULL, options->propagation[i], NULL) != 0) {
            give_up(errno, target->destination, "%s", "propagation");
        }
    }
}

static void set_recursive(const struct target *target, const struct mount_options *options)
{
    if (options->recursive_set == 0 && options->recursive_clear == 0) return;
    struct mount_attr attributes = {.attr_set = options->recursive_set, .attr_clr = options->recursive_clear};
    if (syscall(SYS_mount_setattr, target->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
        give_up(errno, target->destination, "%s", "recursive options");
    }
}

static void target_finish(struct target *target, const struct mount_options *options)
{
    set_recursive(target, options);
    set_propagation(target, options);
    close(target->fd);
    place_close(&target->place);
}

void attach_filesystem(const struct base *base, const char *destination, const char *type, const char *source,
                       const struct mount_options *options)
{
    struct target target;
    struct stat status;
    char path[64];
    target_open(&target, base, destination, CREATE_DIRECTORY);
    descriptor_path(target.fd, path);
    const char *data = overlay_shorten(type, options->data);
    /* What is behind the first page the kernel would cut off silently. */
    if (strlen(data) >= (size_t)sysconf(_SC_PAGESIZE)) give_up(E2BIG, destination, "%s options", type);
    int result = mount(source, path, type, options->set, data[0] == '\0' ? NULL : data);
    int error = errno;
    if (chdir("/") != 0 || result != 0) give_up(error, destination, "%s", type);
    target_mounted(&target);
    /* Only what is new with this mount vanishes with it; an overlay or a disk keeps what is written to it. */
    if (strcmp(type, "tmpfs") == 0 && fstat(target.fd, &status) == 0) stub_forget_on(status.st_dev);
    target_finish(&target, options);
}

/* As mount(2) takes them: a remount that leaves one out would drop it. */
static unsigned long mount_flags_of(int fd)
{
    static const unsigned long pairs[][2] = {
        {ST_RDONLY, MS_RDONLY},   {ST_NOSUID, MS_NOSUID},         {ST_NODEV, MS_NODEV},       {ST_NOEXEC, MS_NOEXEC},
        {ST_NOATIME, MS_NOATIME}, {ST_NODIRATIME, MS_NODIRATIME}, {ST_RELATIME, MS_RELATIME},
    };
    struct statvfs status;
    unsigned long flags = 0;
    if (fstatvfs(fd, &status) != 0) return 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (status.f_flag & pairs[i][0]) flags |= pairs[i][1];
    }
    return flags;
}

static bool remount(int fd, unsigned long flags)
{
    char path[64];
    descriptor_path(fd, path);
    return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL) == 0;
}

/* Held open: what is bound is what was looked at. */
static int open_bind_source(const char *destination, const char *source, struct stat *status)
{
    bind_source_status(destination, source, status);
    int fd = open(source, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, status) != 0) give_up(errno, destination, "bind source %s", source);
    return fd;
}

void attach_bind(const struct base *base, const char *destination, const char *source,
                 const struct mount_options *options)
{
    struct target target;
    struct stat status;
    char from[64], to[64];
    int fd = open_bind_source(destination, source, &status);
    target_open(&target, base, destination, S_ISDIR(status.st_mode) ? CREATE_DIRECTORY : CREATE_FILE);
    descriptor_path(fd, from);
    descriptor_path(target.fd, to);
    unsigned long recursive = options->recursive_bind ? MS_REC : 0;
    if (mount(from, to, NULL, MS_BIND | recursive, NULL) != 0) give_up(errno, destination, "bind %s", source);
    close(fd);
    target_mounted(&target);
    /* The first mount of a bind takes no flags: they come with a second one. */
    if (options->set != 0 || options->clear != 0) {
        unsigned long flags = (mount_flags_of(target.fd) & ~options->clear) | options->set;
        if (!remount(target.fd, flags)) give_up(errno, destination, "%s", "bind options");
    }
    target_finish(&target, options);
}

void attach_read_only(const struct base *base)
{
    int fd = open(base->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) give_up(errno, "root", "read-only");
    journal_step("readonly", base->path, "/", mount_id_of(fd).text);
    if (!remount(fd, mount_flags_of(fd) | MS_RDONLY)) give_up(errno, "root", "read-only");
    close(fd);
}

void attach_writable(const char *root, const char *id)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    unsigned long flags = mount_flags_of(fd) & ~(unsigned long)MS_RDONLY;
    if (mount_is_same(mount_id_of(fd).text, id) && !remount(fd, flags)) note("root stays read-only: %s", strerror(errno));
    close(fd);
}
