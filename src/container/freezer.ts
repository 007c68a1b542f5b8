import { Code, RundError } from "../common/error.ts";
import { late } from "../common/late.ts";
import type { ProcessSet } from "../jail/process_set.ts";
import { freezeJail, thawJail } from "../jail/process_table.ts";

/** How long a jail may go on forking before it counts as one that cannot be paused, in milliseconds. */
const deadline = 5_000;

/** The first would end the pause for a process, the second be lost at its end. All others just wait in the process. */
function isPostponed(signal: number): boolean {
  const { SIGCONT, SIGSTOP } = late("node:os").constants.signals;
  return signal === SIGCONT || signal === SIGSTOP;
}

/** A signal that was asked for while the jail stood still. */
export interface WaitingSignal {
  /** "" for the init. */
  readonly execId: string;
  readonly signal: number;
  readonly all: boolean;
}

/** What has to be known to let a jail go on. */
export interface Frozen {
  /** Processes that stood still before the freeze, and shall do so after it. */
  readonly bystanders: readonly number[];
  readonly waiting: readonly WaitingSignal[];
}

/** Stops a jail's processes and lets them go on. Without cgroups that takes signals, which processes get otherwise too. */
export class Freezer {
  readonly #processes: ProcessSet;
  #frozen: Frozen | undefined;

  /** `frozen` is what another freezer has made of it. */
  constructor(processes: ProcessSet, frozen?: Frozen) {
    this.#processes = processes;
    this.#frozen = frozen;
  }

  /** Undefined while nothing is frozen. */
  get frozen(): Frozen | undefined {
    return this.#frozen;
  }

  /**
   * Signals wait from the moment it begins, and after an error until `release`.
   * @throws RundError aborted when the processes cannot be brought to a halt; they run on then
   */
  async freeze(): Promise<void> {
    this.#frozen = { bystanders: [], waiting: [] };
    const bystanders = await this.#stop();
    this.#frozen = { ...this.#frozen, bystanders };
  }

  /** Lets everything go on; what is left to do is `release`. */
  async thaw(): Promise<void> {
    await thawJail(this.#processes, this.#frozen?.bystanders ?? []);
  }

  /** Signals wait no longer; answers those that have to be sent now. */
  release(): readonly WaitingSignal[] {
    const waiting = this.#frozen?.waiting ?? [];
    this.#frozen = undefined;
    return waiting;
  }

  /** Keeps a signal that has to wait until the jail is thawed; false when it need not wait. */
  postpone(asked: WaitingSignal): boolean {
    if (this.#frozen === undefined || !isPostponed(asked.signal)) return false;
    this.#frozen = { ...this.#frozen, waiting: [...this.#frozen.waiting, asked] };
    return true;
  }

  async #stop(): Promise<readonly number[]> {
    const bystanders = await freezeJail(this.#processes, deadline).catch(async (error: unknown) => {
      // A launcher that died half-way has told us of no bystanders.
      await thawJail(this.#processes, []).catch(() => undefined);
      throw error;
    });
    if (bystanders !== undefined) return bystanders;
    throw new RundError(
      Code.aborted,
      `pause: processes still run after ${deadline / 1000} s of stopping them`,
    );
  }
}
