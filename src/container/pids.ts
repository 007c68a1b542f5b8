import type { Logger } from "../common/log.ts";
import type { ProcessSet } from "../jail/process_set.ts";
import { listJailProcesses } from "../jail/process_table.ts";
import type { ContainerProcess } from "./container_process.ts";

/** A process of a jail, with the id of the exec that it is. */
export interface Pid {
  readonly pid: number;
  readonly execId?: string;
}

/** Process ids of a jail; none, with a warning, when the process table cannot be read. */
export async function jailPids(processes: ProcessSet, logger: Logger): Promise<readonly number[]> {
  try {
    return (await listJailProcesses(processes)).map((process) => process.pid);
  } catch (error) {
    logger.warn("pids: the jail's process table cannot be read", { error: String(error) });
    return [];
  }
}

/** Says which of them are execs. */
export function withExecIds(pids: Iterable<number>, execs: readonly ContainerProcess[]): readonly Pid[] {
  const ids = new Map(execs.map((exec) => [exec.pid, exec.id]));
  return [...pids].map((pid) => {
    const execId = ids.get(pid);
    return execId === undefined ? { pid } : { pid, execId };
  });
}
