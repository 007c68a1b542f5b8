import { type ChildProcess, spawn } from "node:child_process";
import { launcherPath } from "../platform/launcher_path.ts";

/** A helper that reads pipes to their end and drops what comes, so that their writers can go on. */
export class DiscardedOutput {
  readonly #child: ChildProcess;

  /** The descriptors are reading ends; the helper gets copies. */
  constructor(descriptors: readonly number[]) {
    const stdio = ["ignore" as const, "ignore" as const, "ignore" as const, ...descriptors];
    this.#child = spawn(launcherPath(), ["discard"], { cwd: "/", env: {}, detached: true, stdio });
    // Where there is no launcher there is no container either.
    this.#child.on("error", () => {});
  }

  /** Ends it before the pipes do. */
  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
