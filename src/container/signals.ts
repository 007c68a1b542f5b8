import type { ProcessSet } from "../jail/process_set.ts";
import { killJail } from "../jail/process_table.ts";
import type { ContainerProcess } from "./container_process.ts";
import type { Freezer, WaitingSignal } from "./freezer.ts";

/** Sends a container's signals, those that a pause holds back at its end. */
export class Signals {
  readonly #processes: ProcessSet;
  readonly #freezer: Freezer;
  readonly #find: (execId: string) => ContainerProcess;
  readonly #save: () => void;

  /** `find` throws for an exec that is not there; `save` is called when the freezer's state has changed. */
  constructor(
    processes: ProcessSet,
    freezer: Freezer,
    find: (execId: string) => ContainerProcess,
    save: () => void,
  ) {
    this.#processes = processes;
    this.#freezer = freezer;
    this.#find = find;
    this.#save = save;
  }

  /** Signals one process, the init for "", and with `all` the rest of the jail too. */
  async kill(execId: string, signal: number, all: boolean): Promise<void> {
    const asked = { execId, signal, all };
    this.#find(execId).kill(0);
    if (this.#freezer.postpone(asked)) this.#save();
    else await this.#send(asked);
  }

  /**
   * Stops every process of the jail.
   * @throws RundError aborted when it does not come to a halt; everything runs on then
   */
  async freeze(): Promise<void> {
    await this.#freezer.freeze().catch(async (error: unknown) => {
      await this.#sendWaiting();
      throw error;
    });
    this.#save();
  }

  /** Lets every process go on. */
  async thaw(): Promise<void> {
    await this.#freezer.thaw();
    await this.#sendWaiting();
  }

  async #send({ execId, signal, all }: WaitingSignal): Promise<void> {
    const process = this.#find(execId);
    process.kill(signal);
    if (all) await killJail(this.#processes, { signal, except: process.pid });
  }

  /** Who asked for what had to wait has had an answer, and nobody is there for an error. */
  async #sendWaiting(): Promise<void> {
    for (const asked of this.#freezer.release()) await this.#send(asked).catch(() => undefined);
    this.#save();
  }
}
