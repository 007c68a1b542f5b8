import { Lock } from "../common/lock.ts";
import type { ProcessSet } from "../jail/process_set.ts";
import { listJailProcesses } from "../jail/process_table.ts";
import { CpuAccount, type CpuTime } from "./cpu_account.ts";

/** What a jail uses, or has used. */
export interface Usage {
  /** Processes with all of their threads, as cgroups count them. */
  readonly tasks: number;
  readonly cpu: CpuTime;
  /** Bytes. */
  readonly memory: number;
}

/** Measures one jail, from the process table alone. */
export class UsageMeter {
  readonly #processes: ProcessSet;
  readonly #cpu = new CpuAccount();
  /** Looks must be taken in the order in which they were made, or an older one would count as processes that ended. */
  readonly #lock = new Lock();

  constructor(processes: ProcessSet) {
    this.#processes = processes;
  }

  /** With `ended`, what a jail without processes has used. */
  read(ended: boolean): Promise<Usage> {
    return this.#lock.run(async () => {
      const processes = ended ? [] : await listJailProcesses(this.#processes);
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      return {
        tasks: sum(processes.map(({ threads }) => threads)),
        cpu: this.#cpu.take(processes),
        memory: sum(processes.map(({ memory }) => memory)),
      };
    });
  }
}
