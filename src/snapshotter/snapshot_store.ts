import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import { replaceFile } from "../common/replace_file.ts";
import { replaceFileDurably, syncFolder } from "../common/replace_file_durably.ts";
import type { Snapshot } from "./snapshot.ts";
import { readSnapshotDocument, writeSnapshotDocument } from "./snapshot_document.ts";

const suffix = ".json";

/**
 * What is known of all snapshots: in memory, and on the disk as one document each, which is replaced as a whole. So a crash
 * at any moment leaves the old or the new state of a snapshot. After a loss of power new ones of the last seconds may be
 * missing, but no commit and no change that was answered. The folder belongs to one process at a time.
 */
export class SnapshotStore {
  readonly #folder: string;
  readonly #snapshots = new Map<string, Snapshot>();
  /** Ids of documents that cannot be read: whatever they are of is not touched. */
  readonly #damaged = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads what is there; the folder is made when it is missing. */
  static async open(folder: string, logger: Logger): Promise<SnapshotStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new SnapshotStore(folder);
    for (const name of await readdir(folder)) {
      if (name.endsWith(suffix)) await store.#load(name, logger);
      // The new state of something whose writer died: the old one holds.
      else await rm(join(folder, name), { force: true });
    }
    return store;
  }

  get(name: string): Snapshot | undefined {
    return this.#snapshots.get(name);
  }

  /** All snapshots, in no order that means anything. */
  all(): Iterable<Snapshot> {
    return this.#snapshots.values();
  }

  /** The ids of all that have a document, readable or not. */
  ids(): Set<string> {
    return new Set([...this.#damaged, ...[...this.#snapshots.values()].map(({ id }) => id)]);
  }

  /**
   * Stores a snapshot, in place of the one with the same id if there is one, whose name may differ. All but one that is new is
   * on the disk for good then: that one is made for every container, and no container outlives a loss of power.
   */
  async put(snapshot: Snapshot, previousName = snapshot.name): Promise<void> {
    const path = this.#path(snapshot.id);
    const text = writeSnapshotDocument(snapshot);
    const isNew = this.#snapshots.get(previousName) === undefined;
    try {
      if (isNew) replaceFile(path, text, { mode: 0o600 });
      else await replaceFileDurably(path, text, 0o600);
      if (snapshot.kind === "committed") await syncFolder(this.#folder);
    } catch (error) {
      // Told to be there, it is to be there with its tree: that one is about to be taken back.
      if (isNew) await rm(path, { force: true });
      throw systemError(`snapshot ${snapshot.name}`, error);
    }
    this.#snapshots.delete(previousName);
    this.#snapshots.set(snapshot.name, snapshot);
  }

  /** From the first moment on nobody finds the snapshot: nothing is to be made of what is about to go. */
  async delete(snapshot: Snapshot): Promise<void> {
    this.#snapshots.delete(snapshot.name);
    try {
      await rm(this.#path(snapshot.id), { force: true });
    } catch (error) {
      this.#snapshots.set(snapshot.name, snapshot);
      throw systemError(`remove snapshot ${snapshot.name}`, error);
    }
  }

  async #load(name: string, logger: Logger): Promise<void> {
    const path = join(this.#folder, name);
    try {
      const text = await readFile(path, "utf8");
      if (isBlank(text)) return await rm(path);
      const snapshot = readSnapshotDocument(text);
      if (`${snapshot.id}${suffix}` !== name) throw new Error("is not named after its id");
      this.#snapshots.set(snapshot.name, snapshot);
    } catch (error) {
      this.#damaged.add(name.slice(0, -suffix.length));
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("a snapshot cannot be read and is left as it is", { document: path, reason });
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${suffix}`);
  }
}

/** What a loss of power leaves of a document that was not on the disk yet: its snapshot was never more than begun. */
function isBlank(text: string): boolean {
  return /^\0*$/.test(text);
}
