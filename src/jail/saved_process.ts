import { errnoOf, systemError } from "../common/error.ts";
import { openGate } from "./gate.ts";
import type { JailedProcess, ProcessExit } from "./jailed_process.ts";

/** A process that another one of rund's processes has made, and left. */
export class SavedProcess implements JailedProcess {
  readonly pid: number;
  /** Never settles: only its parent is told how a process ends. */
  readonly exited: Promise<ProcessExit> = new Promise(() => {});
  readonly #gate: string;

  /** `gate` is the path of the socket at which it waits for its start. */
  constructor(pid: number, gate: string) {
    this.pid = pid;
    this.#gate = gate;
  }

  start(): Promise<void> {
    return openGate(this.#gate);
  }

  async leave(): Promise<void> {}

  signal(signal: number): boolean {
    try {
      process.kill(this.pid, signal);
      return true;
    } catch (error) {
      if (errnoOf(error) === "ESRCH") return false;
      throw systemError(`signal ${signal}`, error);
    }
  }

  resize(): void {}
}
