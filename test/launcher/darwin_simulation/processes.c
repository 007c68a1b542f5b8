/*
 * A table of processes, read from the file that SIMULATED_PROCESSES names, a line for each:
 *
 *   PID PPID UID STATUS DEVICE INODE ROOT FOOTPRINT USER SYSTEM NAME
 *
 * STATUS as in sys/proc.h, times in units of Mach's clock, ROOT `-` for one that has not changed its root. With PID 0 a
 * line names what the clock's unit is: `0 NUMERATOR DENOMINATOR`. A signal is written to standard error; SIGKILL and
 * SIGSTOP also do what they do, unless the name says that the process is `deaf`. One that is `polite` ends by SIGTERM, one
 * that is `done` while it is waited for. A wait takes no time.
 */
#include <libproc.h>
#include <mach/mach_time.h>
#include <sys/sysctl.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/proc.h>

enum { MOST = 64 };

struct simulated {
    int pid, parent, uid, status, is_listed;
    unsigned device;
    unsigned long long inode, footprint, user, system;
    char root[256], name[64];
};

static struct simulated table[MOST];
static int count = -1;
static unsigned numerator = 1, denominator = 1;

static void load(void)
{
    char line[1024];
    if (count >= 0) return;
    count = 0;
    FILE *file = fopen(getenv("SIMULATED_PROCESSES"), "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && count < MOST) {
        struct simulated *next = &table[count];
        if (sscanf(line, "0 %u %u", &numerator, &denominator) == 2) continue;
        int fields = sscanf(line, "%d %d %d %d %u %llu %255s %llu %llu %llu %63[^\n]", &next->pid, &next->parent,
                            &next->uid, &next->status, &next->device, &next->inode, next->root, &next->footprint,
                            &next->user, &next->system, next->name);
        if (fields == 11) count++;
    }
    if (file != NULL) fclose(file);
}

static struct simulated *find(int pid)
{
    load();
    for (int i = 0; i < count; i++) {
        if (table[i].pid == pid) return &table[i];
    }
    return NULL;
}

int proc_listpids(uint32_t type, uint32_t info, void *buffer, int size)
{
    load();
    if (type != PROC_ALL_PIDS || info != 0) return -1;
    /* As the kernel does: with room for some more when it is only asked how much there is. */
    if (buffer == NULL) return (count + 20) * (int)sizeof(int);
    int *pids = buffer, listed = 0;
    for (int i = 0; i < count && (listed + 1) * (int)sizeof *pids <= size; i++) pids[listed++] = table[i].pid;
    return listed * (int)sizeof *pids;
}

static void fill_basics(const struct simulated *process, struct proc_bsdinfo *info)
{
    *info = (struct proc_bsdinfo){.pbi_status = (uint32_t)process->status, .pbi_ppid = (uint32_t)process->parent};
    info->pbi_uid = info->pbi_ruid = info->pbi_svuid = (uint32_t)process->uid;
    if (strstr(process->name, "set-uid") != NULL) info->pbi_uid = info->pbi_svuid = 0;
    info->pbi_start_tvsec = 1000 + (uint64_t)process->pid;
    info->pbi_start_tvusec = 42;
    snprintf(info->pbi_comm, sizeof info->pbi_comm, "%.15s", process->name);
    snprintf(info->pbi_name, sizeof info->pbi_name, "%.31s", process->name);
}

static void fill_root(const struct simulated *process, struct proc_vnodepathinfo *info)
{
    memset(info, 0, sizeof *info);
    /* Everybody has a working directory; a root is only told of who has changed it. */
    strcpy(info->pvi_cdir.vip_path, "/");
    if (strcmp(process->root, "-") == 0) return;
    info->pvi_rdir.vip_vi.vi_stat = (struct vinfo_stat){.vst_dev = process->device, .vst_ino = process->inode};
    /* Nor has a folder a path that was taken off by force. */
    if (strcmp(process->root, "gone") != 0) snprintf(info->pvi_rdir.vip_path, 1024, "%s", process->root);
}

int proc_pidinfo(int pid, int flavor, uint64_t argument, void *buffer, int size)
{
    const struct simulated *process = find(pid);
    if (process == NULL || argument != 0) {
        errno = ESRCH;
        return 0;
    }
    struct proc_taskallinfo *all = buffer;
    switch (flavor) {
    case PROC_PIDVNODEPATHINFO: fill_root(process, buffer); return (int)sizeof(struct proc_vnodepathinfo);
    case PROC_PIDTBSDINFO: fill_basics(process, buffer); return (int)sizeof(struct proc_bsdinfo);
    case PROC_PIDTASKALLINFO:
        fill_basics(process, &all->pbsd);
        all->ptinfo = (struct proc_taskinfo){.pti_resident_size = 4096, .pti_threadnum = 3, .pti_numrunning = 1};
        all->ptinfo.pti_total_user = process->user;
        all->ptinfo.pti_total_system = process->system;
        return (int)sizeof *all;
    default: (void)size; return 0;
    }
}

int proc_pid_rusage(int pid, int flavor, rusage_info_t *buffer)
{
    const struct simulated *process = find(pid);
    if (process == NULL || flavor != RUSAGE_INFO_V1 || process->footprint == 0) return -1;
    struct rusage_info_v1 *usage = (struct rusage_info_v1 *)(void *)buffer;
    *usage = (struct rusage_info_v1){.ri_phys_footprint = process->footprint};
    usage->ri_child_user_time = process->user * 2;
    usage->ri_child_system_time = process->system * 2;
    return 0;
}

int mach_timebase_info(mach_timebase_info_data_t *info)
{
    load();
    *info = (mach_timebase_info_data_t){.numer = numerator, .denom = denominator};
    return KERN_SUCCESS;
}

int simulated_kill(pid_t pid, int signal)
{
    struct simulated *process = find(pid);
    if (process == NULL) {
        errno = ESRCH;
        return -1;
    }
    fprintf(stderr, "kill %d %d\n", (int)pid, signal);
    bool deaf = strstr(process->name, "deaf") != NULL;
    bool ends = signal == SIGKILL || (signal == SIGTERM && strstr(process->name, "polite") != NULL);
    if (ends && !deaf) *process = table[--count];
    if (signal == SIGSTOP && !deaf) process->status = SSTOP;
    if (signal == SIGCONT && !deaf) process->status = SRUN;
    return 0;
}

static int awaited;

int kqueue(void)
{
    return open("/dev/null", O_RDONLY);
}

int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events, int event_count,
           const struct timespec *timeout)
{
    if (queue < 0 || (change_count == 0) == (event_count == 0)) abort();
    if (change_count == 1) {
        if (changes->filter != EVFILT_PROC || changes->fflags != NOTE_EXIT || !(changes->flags & EV_ADD)) abort();
        awaited = (int)changes->ident;
        errno = ESRCH;
        return find(awaited) == NULL ? -1 : 0;
    }
    struct simulated *process = find(awaited);
    fprintf(stderr, "wait %d %ld ms\n", awaited, (long)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000));
    bool ends = process == NULL || strstr(process->name, "done") != NULL;
    if (ends && process != NULL) *process = table[--count];
    *events = (struct kevent){.ident = (uintptr_t)awaited};
    return ends ? 1 : 0;
}

/* The layout of KERN_PROCARGS2: how many, the program, NULs, the arguments, the environment. */
int sysctl(int *name, unsigned size, void *old, size_t *old_size, void *wanted, size_t wanted_size)
{
    extern int simulated_unmount_by_id(const void *request, size_t size);
    if (old == NULL && wanted != NULL) return simulated_unmount_by_id(wanted, wanted_size);
    if (size != 3 || name[0] != CTL_KERN || name[1] != KERN_PROCARGS2 || find(name[2]) == NULL) return -1;
    char content[256] = {2};
    size_t length = sizeof(int);
    const char *const texts[] = {"/bin/program", "\0\0", find(name[2])->name, "second", "SECRET=1"};
    for (int i = 0; i < 5; i++) {
        memcpy(content + length, texts[i], strlen(texts[i]) + 1);
        length += strlen(texts[i]) + 1;
    }
    if (old != NULL) memcpy(old, content, length);
    *old_size = length;
    return strstr(find(name[2])->name, "shy") != NULL ? -1 : 0;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, void *wanted, size_t wanted_size)
{
    (void)wanted, (void)wanted_size;
    if (strcmp(name, "kern.maxfilesperproc") != 0 || *old_size != sizeof(int)) return -1;
    *(int *)old = 61440;
    return 0;
}
