#include "process_table.h"

#include "process_arguments_darwin.h"

#include <errno.h>
#include <libproc.h>
#include <mach/mach_time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc.h>

long process_last_made(void)
{
    return -1;
}

bool process_list_all(struct process_list *list)
{
    *list = (struct process_list){0};
    int size = proc_listpids(PROC_ALL_PIDS, 0, NULL, 0);
    if (size <= 0) return false;
    /* The kernel's answer has some room for more already; we double it, because a full list would be a cut one. */
    size *= 2;
    list->pids = malloc((size_t)size);
    if (list->pids == NULL) return false;
    size = proc_listpids(PROC_ALL_PIDS, 0, list->pids, size);
    list->count = size <= 0 ? 0 : (size_t)size / sizeof *list->pids;
    if (list->count > 0) return true;
    free(list->pids);
    return false;
}

/*
 * The root is filled in only for processes that did chroot. Its path is empty when the directory has been removed or
 * unmounted by force; the numbers of the directory then still tell.
 */
bool process_has_root(pid_t pid, const struct jail_root *root)
{
    struct proc_vnodepathinfo paths;
    if (proc_pidinfo(pid, PROC_PIDVNODEPATHINFO, 0, &paths, sizeof paths) != (int)sizeof paths) return false;
    const struct vnode_info_path *directory = &paths.pvi_rdir;
    const struct vinfo_stat *status = &directory->vip_vi.vi_stat;
    bool same = root->exists && status->vst_ino == root->inode && status->vst_dev == (uint32_t)root->device;
    size_t length = strnlen(directory->vip_path, sizeof directory->vip_path);
    bool ends = length < sizeof directory->vip_path;
    return same || (ends && length > 0 && jail_root_compare(root, directory->vip_path) != OUTSIDE);
}

bool process_has_user(pid_t pid, uid_t uid)
{
    struct proc_bsdinfo process;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process) != (int)sizeof process) return false;
    if (process.pbi_status == SZOMB) return false;
    return process.pbi_ruid == uid || process.pbi_uid == uid || process.pbi_svuid == uid;
}

/* macOS has no handle for a process, so the look is taken right before. */
bool process_signal_in_jail(const struct jail *jail, pid_t pid, int signal)
{
    if (!process_in_jail(jail, pid)) return false;
    return kill(pid, signal) == 0 || errno != ESRCH;
}

static uint64_t microseconds(uint64_t absolute)
{
    static mach_timebase_info_data_t base;
    if (base.denom == 0 && mach_timebase_info(&base) != KERN_SUCCESS) base.numer = base.denom = 1;
    /* By parts: the product of years of time and the numerator does not fit. */
    uint64_t whole = absolute / base.denom * base.numer, rest = absolute % base.denom * base.numer / base.denom;
    return (whole + rest) / 1000;
}

static char state_of(const struct proc_bsdinfo *process, const struct proc_taskinfo *task)
{
    switch (process->pbi_status) {
    case SIDL: return 'I';
    case SSTOP: return 'T';
    case SZOMB: return 'Z';
    default: return task->pti_numrunning > 0 ? 'R' : 'S';
    }
}

static char *name_in_brackets(const struct proc_bsdinfo *process)
{
    char name[sizeof process->pbi_name + 3];
    bool named = process->pbi_name[0] != '\0';
    if (named) snprintf(name, sizeof name, "[%.*s]", (int)sizeof process->pbi_name, process->pbi_name);
    else snprintf(name, sizeof name, "[%.*s]", (int)sizeof process->pbi_comm, process->pbi_comm);
    return strdup(name);
}

/* What only the newer call tells; without it the resident size stands for the footprint. */
static void describe_usage(pid_t pid, struct process_details *details)
{
    struct rusage_info_v1 usage;
    details->memory_bytes = details->resident_bytes;
    if (proc_pid_rusage(pid, RUSAGE_INFO_V1, (rusage_info_t *)&usage) != 0) return;
    details->memory_bytes = usage.ri_phys_footprint;
    details->child_user_microseconds = microseconds(usage.ri_child_user_time);
    details->child_system_microseconds = microseconds(usage.ri_child_system_time);
}

bool process_describe(pid_t pid, struct process_details *details)
{
    *details = (struct process_details){0};
    struct proc_taskallinfo all;
    if (proc_pidinfo(pid, PROC_PIDTASKALLINFO, 0, &all, sizeof all) != (int)sizeof all) return false;
    details->state = state_of(&all.pbsd, &all.ptinfo);
    if (details->state == 'Z') return false;
    details->parent = (pid_t)all.pbsd.pbi_ppid;
    details->uid = all.pbsd.pbi_uid;
    details->threads = (unsigned long)all.ptinfo.pti_threadnum;
    details->resident_bytes = all.ptinfo.pti_resident_size;
    details->user_microseconds = microseconds(all.ptinfo.pti_total_user);
    details->system_microseconds = microseconds(all.ptinfo.pti_total_system);
    describe_usage(pid, details);
    details->command = process_arguments(pid);
    if (details->command == NULL) details->command = name_in_brackets(&all.pbsd);
    return details->command != NULL;
}

/* The kernel suspends all threads of a process when it takes a SIGSTOP, also those in a wait that nothing interrupts. */
bool process_observe(pid_t pid, struct process_activity *activity)
{
    struct proc_bsdinfo process;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process) != (int)sizeof process) return false;
    if (process.pbi_status == SZOMB) return false;
    bool stopped = process.pbi_status == SSTOP;
    *activity = (struct process_activity){.parent = (pid_t)process.pbi_ppid, .stopped = stopped, .halted = stopped};
    return true;
}
