import type { Logger } from "../common/log.ts";
import type { Bundle } from "../oci/bundle.ts";
import type { ContainerProcess } from "./container_process.ts";
import type { Freezer } from "./freezer.ts";
import type { JailRecord } from "./jail.ts";
import { removeState, type SavedState, saveState } from "./state_file.ts";

/** Of whom the state file tells. */
export interface KeptContainer {
  readonly bundle: Bundle;
  readonly init: ContainerProcess;
  readonly record: JailRecord;
  readonly freezer: Freezer;
  /** When it was created. */
  readonly created: Date;
}

/** Keeps the state file of a created container as the container is. */
export class StateKeeper {
  readonly #container: KeptContainer;
  readonly #logger: Logger;

  constructor(container: KeptContainer, logger: Logger) {
    this.#container = container;
    this.#logger = logger;
  }

  /** @throws RundError */
  save(): void {
    saveState(this.#container.bundle.folder, this.#state());
  }

  /**
   * Saves the exit. What was saved before still serves to take everything back; only the exit's code and time would be
   * missing. Somebody else may have deleted the container meanwhile, by force, or the disk may be full.
   */
  trySaveExit(): void {
    try {
      this.save();
    } catch (error) {
      this.#logger.warn("state file: the exit is not in it", { error: String(error) });
    }
  }

  /** Nothing is left to take back. */
  remove(): void {
    removeState(this.#container.bundle.folder);
  }

  #state(): SavedState {
    const { bundle, init, record, freezer, created } = this.#container;
    const { exit } = init;
    return {
      containerId: init.id,
      ...(bundle.path !== bundle.folder && { bundle: bundle.path }),
      created: created.toISOString(),
      pid: init.pid,
      mounts: record,
      ...(freezer.frozen && { frozen: freezer.frozen }),
      ...(exit && { exit: { status: exit.status, exitedAt: exit.exitedAt.toISOString() } }),
    };
  }
}
