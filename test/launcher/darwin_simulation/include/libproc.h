#ifndef DARWIN_LIBPROC_H
#define DARWIN_LIBPROC_H

#include <sys/param.h>

enum { PROC_ALL_PIDS = 1 };
enum { PROC_PIDLISTFDS = 1, PROC_PIDTASKALLINFO = 2, PROC_PIDTBSDINFO = 3, PROC_PIDVNODEPATHINFO = 9 };
enum { RUSAGE_INFO_V1 = 1 };

struct vinfo_stat {
    uint32_t vst_dev;
    uint64_t vst_ino;
};
struct vnode_info {
    struct vinfo_stat vi_stat;
};
struct vnode_info_path {
    struct vnode_info vip_vi;
    char vip_path[1024];
};
struct proc_vnodepathinfo {
    struct vnode_info_path pvi_cdir, pvi_rdir;
};
struct proc_bsdinfo {
    uint32_t pbi_status, pbi_ppid, pbi_uid, pbi_ruid, pbi_svuid;
    char pbi_comm[16], pbi_name[32];
    uint64_t pbi_start_tvsec, pbi_start_tvusec;
};
struct proc_taskinfo {
    uint64_t pti_resident_size, pti_total_user, pti_total_system;
    int32_t pti_threadnum, pti_numrunning;
};
struct proc_taskallinfo {
    struct proc_bsdinfo pbsd;
    struct proc_taskinfo ptinfo;
};
struct proc_fdinfo {
    int32_t proc_fd;
    uint32_t proc_fdtype;
};
struct rusage_info_v1 {
    uint64_t ri_phys_footprint, ri_child_user_time, ri_child_system_time;
};
typedef void *rusage_info_t;

int proc_listpids(uint32_t type, uint32_t info, void *buffer, int size);
int proc_pidinfo(int pid, int flavor, uint64_t argument, void *buffer, int size);
int proc_pid_rusage(int pid, int flavor, rusage_info_t *buffer);

#endif
