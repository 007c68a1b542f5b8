import { launcherPath } from "../platform/launcher_path.ts";
import type { LauncherResult } from "../platform/run_launcher.ts";
import { TreeLauncher } from "./tree_launcher.ts";

/**
 * The launcher's commands for trees, run by one launcher that stays: to start one for each takes several times as long as a
 * clone of a few files. When it dies, what is under way fails, and the next command starts another. It ends with this
 * process, however that ends.
 */
export class TreeCommands {
  readonly #path: string;
  #launcher: TreeLauncher | undefined;

  constructor(path: string = launcherPath()) {
    this.#path = path;
  }

  /** Starts the launcher, so that the first command need not wait for that. */
  start(): TreeLauncher {
    if (this.#launcher !== undefined) return this.#launcher;
    const launcher = new TreeLauncher(this.#path, () => {
      if (this.#launcher === launcher) this.#launcher = undefined;
    });
    this.#launcher = launcher;
    return launcher;
  }

  /**
   * Runs `rund-jail ARGS` to its end.
   * @param signal kills it; the result has the status -1 then
   * @throws RundError internal when it cannot be run at all, or the launcher dies meanwhile
   */
  async run(args: readonly string[], signal?: AbortSignal): Promise<LauncherResult> {
    return this.start().run(args, signal);
  }

  /** Ends the launcher with what is under way. */
  async stop(): Promise<void> {
    await this.#launcher?.stop();
  }

  /** The launcher's process, while there is one. */
  get pid(): number | undefined {
    return this.#launcher?.pid;
  }
}
