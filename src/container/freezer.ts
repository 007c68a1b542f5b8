import { constants } from "node:os";
import { Code, RundError } from "../common/error.ts";
import { freezeJail, thawJail } from "../jail/process_table.ts";

/** How long a jail may go on forking before it counts as one that cannot be paused, in milliseconds. */
const deadline = 5_000;

/** The first would end the pause for a process, the second be lost at its end. All others just wait in the process. */
const postponed: readonly number[] = [constants.signals.SIGCONT, constants.signals.SIGSTOP];

/** Stops a jail's processes and lets them go on. Without cgroups that takes signals, which processes get otherwise too. */
export class Freezer {
  readonly #root: string;
  /** Processes that stood still before the freeze, and shall do so after it. */
  #bystanders: readonly number[] = [];
  /** Undefined while nothing is frozen. */
  #waiting: (() => unknown)[] | undefined;

  /** `root` is the jail's root on the host. */
  constructor(root: string) {
    this.#root = root;
  }

  /** @throws RundError aborted when the processes cannot be brought to a halt; they run on then */
  async freeze(): Promise<void> {
    this.#waiting = [];
    try {
      this.#bystanders = await this.#stop();
    } catch (error) {
      await this.#sendWaiting();
      throw error;
    }
  }

  /** Lets everything go on, and sends what was postponed. */
  async thaw(): Promise<void> {
    await thawJail(this.#root, this.#bystanders);
    this.#bystanders = [];
    await this.#sendWaiting();
  }

  /** Takes the sending of a signal that has to wait until the jail is thawed; false when it need not wait. */
  postpone(signal: number, send: () => unknown): boolean {
    if (this.#waiting === undefined || !postponed.includes(signal)) return false;
    this.#waiting.push(send);
    return true;
  }

  async #stop(): Promise<readonly number[]> {
    const bystanders = await freezeJail(this.#root, deadline).catch(async (error: unknown) => {
      // A launcher that died half-way has told us of no bystanders.
      await thawJail(this.#root, []).catch(() => undefined);
      throw error;
    });
    if (bystanders !== undefined) return bystanders;
    throw new RundError(
      Code.aborted,
      `pause: processes still run after ${deadline / 1000} s of stopping them`,
    );
  }

  async #sendWaiting(): Promise<void> {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const send of waiting) await send();
  }
}
