import { Code, RundError } from "../common/error.ts";
import type { Filter } from "./filter/filter.ts";
import { KeyLocks } from "./key_locks.ts";
import { type Labels, storedLabels, updateLabels } from "./labels.ts";
import { noUsage, type Snapshot, type Usage } from "./snapshot.ts";
import { SnapshotIds } from "./snapshot_ids.ts";
import type { SnapshotStore } from "./snapshot_store.ts";
import type { Trees } from "./trees.ts";

/** What a client mounts to get at a snapshot. */
export interface SnapshotMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface NewSnapshot {
  readonly key: string;
  /** Name of a committed snapshot, or "" to begin with nothing. */
  readonly parent: string;
  readonly labels: Labels;
  /** Gives up a tree that is being made. */
  readonly signal?: AbortSignal;
}

/**
 * Snapshots with the rules of containerd's own: made from nothing or from a committed one, written to while they are
 * active, then committed under a name, and removed once they have no children. A tree is made before its document is
 * written and removed after that is gone, so that a crash leaves a tree too many and never one too few.
 */
export class Snapshots {
  readonly #store: SnapshotStore;
  readonly #trees: Trees;
  readonly #ids: SnapshotIds;
  readonly #locks = new KeyLocks();
  /** Parents of trees that are being made, which no child in the store speaks for yet. */
  readonly #originals: string[] = [];

  constructor(store: SnapshotStore, trees: Trees) {
    this.#store = store;
    this.#trees = trees;
    this.#ids = new SnapshotIds(store.ids());
  }

  /** A new snapshot to write to. */
  prepare(request: NewSnapshot): Promise<SnapshotMount[]> {
    return this.#create("active", request);
  }

  /** A new snapshot to read: its parent's tree as it is, or an empty one. */
  view(request: NewSnapshot): Promise<SnapshotMount[]> {
    return this.#create("view", request);
  }

  stat(name: string): Snapshot {
    const snapshot = this.#store.get(name);
    if (snapshot === undefined)
      throw new RundError(Code.notFound, `snapshot ${name}: snapshot does not exist`);
    return snapshot;
  }

  mounts(key: string): SnapshotMount[] {
    const snapshot = this.stat(key);
    if (snapshot.kind !== "committed") return this.#mountsOf(snapshot);
    throw new RundError(Code.failedPrecondition, `snapshot ${key}: is neither active nor a view`);
  }

  /** Turns an active snapshot into a committed one of another name; its labels are the given ones alone. */
  commit(name: string, key: string, labels: Labels, parent: string): Promise<void> {
    return this.#locks.run([name, key], async () => {
      this.#refuseExisting(name);
      const active = this.stat(key);
      if (active.kind !== "active")
        throw new RundError(Code.failedPrecondition, `snapshot ${key}: is not active`);
      if (parent !== "" && parent !== active.parent) throw cannotMove(active);
      const [now, usage] = [timeNow(), await this.#trees.usage(active.id)];
      const committed = { ...active, name, kind: "committed" as const, labels: storedLabels(labels), usage };
      await this.#store.put({ ...committed, createdAt: now, updatedAt: now }, key);
    });
  }

  remove(name: string): Promise<void> {
    return this.#locks.run([name], async () => {
      const snapshot = this.stat(name);
      if (this.#hasChildren(name)) {
        throw new RundError(Code.failedPrecondition, `snapshot ${name}: cannot remove snapshot with child`);
      }
      await this.#store.delete(snapshot);
      await this.#trees.discard(snapshot.id);
    });
  }

  /** Updates labels, all that can be changed, by field paths; answers what is stored then. */
  update(name: string, labels: Labels, paths: readonly string[]): Promise<Snapshot> {
    return this.#locks.run([name], async () => {
      const before = this.stat(name);
      const after = {
        ...before,
        labels: updateLabels(before.labels, labels, paths),
        updatedAt: timeNow(),
      };
      await this.#store.put(after);
      return after;
    });
  }

  /** What a snapshot takes of the disk: of an active one now, of a committed one at its commit. */
  async usage(name: string): Promise<Usage> {
    const snapshot = this.stat(name);
    return snapshot.kind === "active" ? this.#trees.usage(snapshot.id) : snapshot.usage;
  }

  /** The same of the snapshot with a tree, by its path; undefined for other trees. */
  async usageOf(tree: string): Promise<Usage | undefined> {
    const snapshot = this.#withTree(tree);
    return snapshot && this.usage(snapshot.name);
  }

  /** Those that match, by name. */
  list(filter: Filter): Snapshot[] {
    const all = [...this.#store.all()].filter(filter);
    return all.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /**
   * What is known of how one tree was made of another, see {@link Snapshot.clonedAt}; undefined where it was not.
   * @param lower path of the older one
   * @param upper path of the newer one
   */
  clonedAt(lower: string, upper: string): string | undefined {
    const snapshot = this.#withTree(upper);
    const parent = snapshot === undefined ? undefined : this.#store.get(snapshot.parent);
    if (snapshot === undefined || parent === undefined || this.#trees.path(parent.id) !== lower)
      return undefined;
    return snapshot.clonedAt === "" ? undefined : snapshot.clonedAt;
  }

  /**
   * The namespace in which containerd has the snapshot with a tree: it puts that and a number in front of its clients' names.
   * Undefined for other trees and names.
   */
  namespaceOf(tree: string): string | undefined {
    return /^([^/]+)\/\d+\//.exec(this.#withTree(tree)?.name ?? "")?.[1];
  }

  /** Resolves when everything that was removed is off the disk. */
  cleanup(): Promise<void> {
    return this.#trees.removed();
  }

  #create(kind: "active" | "view", { key, parent, labels, signal }: NewSnapshot): Promise<SnapshotMount[]> {
    if (key === "") throw new RundError(Code.invalidArgument, "snapshot: has no key");
    return this.#locks.run([key], async () => {
      this.#refuseExisting(key);
      const original = parent === "" ? undefined : this.#committed(parent);
      const [id, now] = [this.#ids.next(), timeNow()];
      const known = { id, name: key, kind, parent, labels: storedLabels(labels), usage: noUsage };
      const hasTree = kind === "active" || original === undefined;
      const model = original && { id: original.id, inodes: original.usage.inodes };
      return this.#withChild(parent, async () => {
        const clonedAt = hasTree ? await this.#trees.make(id, model, signal) : "";
        return this.#mountsOf(await this.#add({ ...known, createdAt: now, updatedAt: now, clonedAt }));
      });
    });
  }

  async #add(snapshot: Snapshot): Promise<Snapshot> {
    try {
      await this.#store.put(snapshot);
      return snapshot;
    } catch (error) {
      await this.#trees.discard(snapshot.id);
      throw error;
    }
  }

  /** The parent cannot be removed while `body` makes a child of it. */
  async #withChild<T>(parent: string, body: () => Promise<T>): Promise<T> {
    this.#originals.push(parent);
    try {
      return await body();
    } finally {
      this.#originals.splice(this.#originals.indexOf(parent), 1);
    }
  }

  #withTree(path: string): Snapshot | undefined {
    return [...this.#store.all()].find(({ id }) => this.#trees.path(id) === path);
  }

  #hasChildren(name: string): boolean {
    if (this.#originals.includes(name)) return true;
    return [...this.#store.all()].some(({ parent }) => parent === name);
  }

  #committed(name: string): Snapshot {
    const parent = this.#store.get(name);
    if (parent === undefined)
      throw new RundError(Code.notFound, `parent snapshot ${name}: snapshot does not exist`);
    if (parent.kind === "committed") return parent;
    throw new RundError(Code.invalidArgument, `parent snapshot ${name}: is not a committed snapshot`);
  }

  #refuseExisting(name: string): void {
    if (this.#store.get(name) !== undefined)
      throw new RundError(Code.alreadyExists, `snapshot ${name}: already exists`);
  }

  #mountsOf({ id, kind, parent }: Snapshot): SnapshotMount[] {
    const original = kind === "view" ? this.#store.get(parent) : undefined;
    const source = this.#trees.path(original?.id ?? id);
    // A single bind of a folder: what runtimes, and appliers on systems without mounts, use as it is.
    return [{ type: "bind", source, options: ["rbind", kind === "view" ? "ro" : "rw"] }];
  }
}

function timeNow(): string {
  return new Date().toISOString();
}

/** A whole tree has its parent's content in it already; it cannot be laid over another afterwards. */
function cannotMove({ name }: Snapshot): RundError {
  return new RundError(Code.unimplemented, `snapshot ${name}: cannot get another parent at its commit`);
}
