/*
 * Everything here goes by the mount table and by the id of the file system: no path is looked up, so that neither a dead
 * file server nor a link in the way can hang or mislead it.
 */
#include "mount_detach.h"

#include "mount_identity.h"
#include "mount_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysctl.h>
#include <time.h>

enum { PAUSE_NANOSECONDS = 10000000, PASSES = 512, FORCED_PASSES = 20 };

static bool is_at_or_below(const char *path, const char *place)
{
    size_t length = strlen(place);
    return strncmp(path, place, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* The last mount on ours or below it, which is the deepest one since each comes after what it stands on; or ours. */
static const struct mount_entry *outermost(const struct mount_table *table, const struct mount_entry *own)
{
    const struct mount_entry *last = own;
    for (const struct mount_entry *entry = own + 1; entry < table->entries + table->count; entry++) {
        if (is_at_or_below(entry->path, own->path)) last = entry;
    }
    return last;
}

static bool parse_id(const char *id, fsid_t *fsid)
{
    unsigned first, second;
    if (sscanf(id, "%x.%x/", &first, &second) != 2) return false;
    *fsid = (fsid_t){.val = {(int32_t)first, (int32_t)second}};
    return true;
}

/* As unmount(2), by the file system's id. */
static bool unmount_by_id(const char *id, int flags)
{
    int name[CTL_MAXNAME];
    size_t length = CTL_MAXNAME - 1;
    struct vfsidctl request = {.vc_vers = VFS_CTL_VERS1, .vc_ptr = &flags, .vc_len = sizeof flags};
    if (!parse_id(id, &request.vc_fsid) || sysctlnametomib("vfs.generic.ctlbyfsid", name, &length) != 0) {
        errno = ENOTSUP;
        return false;
    }
    name[length] = VFS_CTL_UMOUNT;
    return sysctl(name, (u_int)length + 1, NULL, NULL, &request, sizeof request) == 0;
}

/* By its path only where the system does not do it by id: what is there now was in the table a moment ago. */
static bool take_off(const struct mount_entry *entry, bool force)
{
    int flags = force ? MNT_FORCE : 0;
    if (unmount_by_id(entry->id, flags) || errno == ENOENT) return true;
    return errno != EBUSY && unmount(entry->path, flags) == 0;
}

enum outcome { GONE, PROGRESS, STAYS };

static enum outcome detach_outermost(const char *id, bool force)
{
    struct mount_table table;
    if (!mount_table_read(&table)) return STAYS;
    const struct mount_entry *own = mount_table_find(&table, id);
    enum outcome outcome = own == NULL ? GONE : take_off(outermost(&table, own), force) ? PROGRESS : STAYS;
    int error = errno;
    mount_table_free(&table);
    errno = error;
    return outcome;
}

bool detach(const char *base, const char *path, const char *id)
{
    enum outcome outcome = detach_outermost(id, false);
    for (int pass = 0, forced = 0; outcome != GONE && pass < PASSES && forced < FORCED_PASSES; pass++) {
        bool force = detach_patience_is_up();
        if (outcome == STAYS) nanosleep(&(struct timespec){.tv_nsec = PAUSE_NANOSECONDS}, NULL);
        outcome = detach_outermost(id, force);
        if (force && outcome == STAYS) forced++;
    }
    if (outcome != GONE) note("mount %s%s stays: %s", base, path, strerror(errno));
    return outcome == GONE;
}
