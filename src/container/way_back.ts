import type { Logger } from "../common/log.ts";
import { readJournal } from "../mount/mount_record.ts";
import { undoMounts } from "../mount/undo_mounts.ts";
import type { Jail } from "./jail.ts";

/** Takes back what was done to the host for a jail: once, and again only after it has failed. */
export class WayBack {
  /** Somebody may remove the bundle while its mounts are there: without their journal they would stay. */
  readonly journal: Uint8Array | undefined;
  readonly #jail: Jail;
  readonly #logger: Logger;
  #taken: Promise<void> | undefined;

  constructor(jail: Jail, logger: Logger) {
    this.#jail = jail;
    this.#logger = logger;
    this.journal = readJournal(jail.record);
  }

  /** `undo` takes the mounts back, where that is under way already. */
  take(undo = () => undoMounts(this.#jail.record, this.#logger, this.journal)): Promise<void> {
    this.#taken ??= undo()
      .then(() => this.#jail.release())
      .catch((error) => {
        this.#taken = undefined;
        throw error;
      });
    return this.#taken;
  }
}
