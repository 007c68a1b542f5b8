#include "mount_process.h"

#include <libproc.h>
#include <stdio.h>
#include <sys/proc.h>

struct process_start process_started(pid_t pid)
{
    struct process_start start = {""};
    struct proc_bsdinfo process;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process) != (int)sizeof process) return start;
    if (process.pbi_status == SZOMB) return start;
    unsigned long long seconds = process.pbi_start_tvsec, micros = process.pbi_start_tvusec;
    snprintf(start.text, sizeof start.text, "%llu.%06llu", seconds, micros);
    return start;
}
