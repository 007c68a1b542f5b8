import { constants } from "node:os";
import type { ContainerProcess } from "../container/container_process.ts";

/** What a foreground command does not take for itself. The engines keep others for themselves. */
const forwarded: readonly NodeJS.Signals[] = [
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const),
  ...(["SIGALRM", "SIGCONT", "SIGTSTP", "SIGTTIN", "SIGTTOU"] as const),
];

/**
 * Takes the signals of a command in the foreground, from its making on: one that comes before the process runs must not
 * end the command half-way, and reaches the process as soon as it is there.
 */
export class ForwardedSignals {
  #early: NodeJS.Signals[] = [];
  #process: ContainerProcess | undefined;

  constructor() {
    for (const signal of forwarded) process.on(signal, () => this.#take(signal));
    process.on("SIGWINCH", () => this.#process?.resize());
  }

  /** From now on they go to a process that runs. */
  to(target: ContainerProcess): void {
    this.#process = target;
    for (const signal of this.#early.splice(0)) this.#take(signal);
    target.resize();
  }

  #take(signal: NodeJS.Signals): void {
    if (this.#process === undefined) {
      this.#early.push(signal);
      return;
    }
    try {
      this.#process.kill(constants.signals[signal]);
    } catch {
      // It has ended, and the command is about to.
    }
  }
}
