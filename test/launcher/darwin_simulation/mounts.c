/*
 * A table of mounts, read from the file that SIMULATED_MOUNTS names, a line for each: `ID BUSY TYPE SOURCE PLACE`. A mount
 * is busy for BUSY attempts to take it off, `forced` says that only force helps, `stuck` that nothing does. Each attempt
 * is written to standard error. A mount that has another one below it is busy too.
 */
#include <sys/mount.h>
#include <sys/sysctl.h>

#include <errno.h>

enum { MOST = 32 };

struct simulated {
    int id, busy, is_gone;
    char how[16], type[16], source[256], place[256];
};

static struct simulated table[MOST];
static int count = -1;

static void load(void)
{
    char line[1024], busy[16];
    if (count >= 0) return;
    count = 0;
    FILE *file = fopen(getenv("SIMULATED_MOUNTS"), "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && count < MOST) {
        struct simulated *next = &table[count];
        if (sscanf(line, "%d %15s %15s %255s %255s", &next->id, busy, next->type, next->source, next->place) != 5) continue;
        next->busy = atoi(busy);
        strcpy(next->how, busy);
        count++;
    }
    if (file != NULL) fclose(file);
}

static void fill(const struct simulated *mount, struct statfs *status)
{
    memset(status, 0, sizeof *status);
    status->f_fsid = (simulated_fsid){.val = {mount->id, 7}};
    strcpy(status->f_fstypename, mount->type);
    strcpy(status->f_mntonname, mount->place);
    strcpy(status->f_mntfromname, mount->source);
}

int getfsstat(struct statfs *statuses, int size, int mode)
{
    int listed = 0;
    load();
    if (mode != MNT_NOWAIT) abort();
    for (int i = 0; i < count; i++) {
        if (table[i].is_gone) continue;
        if (statuses != NULL && (listed + 1) * (int)sizeof *statuses <= size) fill(&table[i], &statuses[listed]);
        listed++;
    }
    return listed;
}

int simulated_fstatfs(int fd, struct statfs *status)
{
    (void)fd, (void)status;
    errno = ENOSYS;
    return -1;
}

static bool is_below(const struct simulated *one, const struct simulated *other)
{
    size_t length = strlen(other->place);
    return !one->is_gone && one > other && strncmp(one->place, other->place, length) == 0 && one->place[length] == '/';
}

static int take_off(struct simulated *mount, const char *way, int flags)
{
    bool force = flags == MNT_FORCE, busy = strcmp(mount->how, "stuck") == 0;
    for (int i = 0; i < count; i++) busy = busy || is_below(&table[i], mount);
    if (!force && strcmp(mount->how, "forced") == 0) busy = true;
    if (!force && mount->busy > 0) {
        mount->busy--;
        busy = true;
    }
    if (!busy || !getenv("SIMULATED_QUIET")) {
        fprintf(stderr, "%s %s%s: %s\n", way, mount->place, force ? " by force" : "", busy ? "busy" : "gone");
    }
    errno = EBUSY;
    mount->is_gone = !busy;
    return busy ? -1 : 0;
}

int simulated_unmount_by_id(const void *wanted, size_t size)
{
    const struct vfsidctl *request = wanted;
    if (size != sizeof *request || request->vc_vers != VFS_CTL_VERS1 || request->vc_len != sizeof(int)) abort();
    if (getenv("SIMULATED_NO_IDS") != NULL) {
        errno = EPERM;
        return -1;
    }
    for (int i = 0; i < count; i++) {
        if (table[i].is_gone || table[i].id != request->vc_fsid.val[0] || request->vc_fsid.val[1] != 7) continue;
        return take_off(&table[i], "id", *(int *)request->vc_ptr);
    }
    errno = ENOENT;
    return -1;
}

int simulated_unmount(const char *path, int flags)
{
    for (int i = count; i-- > 0;) {
        if (!table[i].is_gone && strcmp(table[i].place, path) == 0) return take_off(&table[i], "path", flags);
    }
    errno = EINVAL;
    return -1;
}

int sysctlnametomib(const char *name, int *numbers, size_t *length)
{
    if (strcmp(name, "vfs.generic.ctlbyfsid") != 0) return -1;
    for (int i = 0; i < 3; i++) numbers[i] = i;
    *length = 3;
    return 0;
}
