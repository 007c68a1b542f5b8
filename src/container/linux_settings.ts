import { Code, RundError } from "../common/error.ts";
import type { LinuxSettings } from "../jail/linux_settings.ts";
import * as names from "../oci/linux_names.ts";
import type { Capabilities, Linux, MemoryPolicy, Process, Scheduler } from "../oci/spec.ts";

/**
 * What of a process only Linux can set, as the kernel's numbers. `linux` is the container's section of the spec, which
 * holds for its execs too.
 * @throws RundError invalidArgument for a name that Linux does not know
 */
export function linuxSettings(process: Process, linux: Linux | undefined): LinuxSettings {
  const { capabilities, noNewPrivileges, oomScoreAdj, scheduler, ioPriority, execCPUAffinity } = process;
  const { personality, memoryPolicy } = linux ?? {};
  return {
    ...(capabilities && { capabilities: capabilitySets(capabilities) }),
    ...(noNewPrivileges && { noNewPrivileges }),
    ...(oomScoreAdj !== undefined && oomScoreAdj !== null && { oomScore: oomScoreAdj }),
    ...(scheduler && { scheduler: schedulerOf(scheduler) }),
    ...(ioPriority && {
      ioPriority:
        number(names.ioPriorityClasses, "ioPriority class", ioPriority.class) * 2 ** 13 + ioPriority.priority,
    }),
    ...(personality && {
      personality: number(names.personalityDomains, "personality domain", personality.domain),
    }),
    ...(execCPUAffinity?.final && { cpus: execCPUAffinity.final }),
    ...(memoryPolicy && { memoryPolicy: memoryPolicyOf(memoryPolicy) }),
  };
}

function capabilitySets(sets: Capabilities): NonNullable<LinuxSettings["capabilities"]> {
  const { bounding, effective, inheritable, permitted, ambient } = sets;
  return [bounding, effective, inheritable, permitted, ambient].map((set) => names.capabilityMask(set));
}

function schedulerOf(scheduler: Scheduler): NonNullable<LinuxSettings["scheduler"]> {
  const { policy, nice = 0, priority = 0, flags, runtime = 0, deadline = 0, period = 0 } = scheduler;
  const policyNumber = number(names.schedulerPolicies, "scheduler policy", policy);
  return [
    policyNumber,
    nice,
    priority,
    sum(names.schedulerFlags, "scheduler flag", flags),
    runtime,
    deadline,
    period,
  ];
}

function memoryPolicyOf({ mode, nodes, flags }: MemoryPolicy): NonNullable<LinuxSettings["memoryPolicy"]> {
  const base = number(names.memoryPolicyModes, "memoryPolicy mode", mode);
  return { mode: base + sum(names.memoryPolicyFlags, "memoryPolicy flag", flags), nodes: nodes ?? "" };
}

function sum(table: Readonly<Record<string, number>>, what: string, list?: readonly string[] | null): number {
  return [...new Set(list ?? [])].reduce((total, name) => total + number(table, what, name), 0);
}

function number(table: Readonly<Record<string, number>>, what: string, name: string): number {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw new RundError(Code.invalidArgument, `process: ${what}: unknown "${name}"`);
}
