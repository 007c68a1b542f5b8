/** What of a process only Linux can set, in the kernel's own numbers. What is left out stays as the shim has it. */
export interface LinuxSettings {
  /** Bounding, effective, inheritable, permitted, ambient: bit n is capability n. */
  readonly capabilities?: readonly number[];
  readonly noNewPrivileges?: boolean;
  /** -1000 to 1000. */
  readonly oomScore?: number;
  /** Policy, nice, priority, flags, runtime, deadline, period of sched_setattr(2). */
  readonly scheduler?: readonly number[];
  /** As ioprio_set(2) takes it. */
  readonly ioPriority?: number;
  readonly personality?: number;
  /** Processors that it may run on, as in `0-3,7`. */
  readonly cpus?: string;
  /** As set_mempolicy(2) takes it, the nodes as a list. */
  readonly memoryPolicy?: { readonly mode: number; readonly nodes: string };
}

/** The records of the launcher's request (launcher/request.h). */
export function linuxRecords(settings: LinuxSettings): string[] {
  const { capabilities, scheduler, memoryPolicy } = settings;
  return [
    ...(capabilities ? [`capabilities ${capabilities.join(" ")}`] : []),
    ...(settings.noNewPrivileges ? ["no-new-privileges 1"] : []),
    ...(settings.oomScore === undefined ? [] : [`oom-score ${settings.oomScore}`]),
    ...(scheduler ? [`scheduler ${scheduler.join(" ")}`] : []),
    ...(settings.ioPriority === undefined ? [] : [`io-priority ${settings.ioPriority}`]),
    ...(settings.personality === undefined ? [] : [`personality ${settings.personality}`]),
    ...(settings.cpus === undefined ? [] : [`cpus ${settings.cpus}`]),
    ...(memoryPolicy ? [`memory-policy ${memoryPolicy.mode} ${memoryPolicy.nodes || "-"}`] : []),
  ];
}
