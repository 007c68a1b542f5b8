import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { mkdir, readdir, rename, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import { Lock } from "../common/lock.ts";
import type { Logger } from "../common/log.ts";
import { requireSuccess } from "./launcher_error.ts";
import type { Usage } from "./snapshot.ts";
import { TreeCommands } from "./tree_commands.ts";

/** The type of btrfs in statfs(2). */
const btrfs = 0x9123683e;

/**
 * From how many inodes on a tree is copied in one step, where the file system can. On btrfs that first writes to the disk what
 * others have just written: seen were 3 ms when that was nothing, as long as it takes to clone 100 files, and with 2,000 new
 * files as long as for 300.
 */
const largeTree = 300;

interface CloneAnswer {
  /** Files whose content was copied. */
  readonly copied: number;
  readonly cloned: string;
}

/** The tree that another is made of. */
interface Original {
  readonly id: string;
  /** How many it has. */
  readonly inodes: number;
}

/**
 * The file trees of the snapshots, one folder for each id. Trees that are being made, and those that are being removed, are
 * in a folder of their own: after a crash all of that is garbage.
 */
export class Trees {
  readonly #folder: string;
  readonly #work: string;
  readonly #logger: Logger;
  readonly #commands = new TreeCommands();
  /** Removals go one after the other in the background: nobody waits for them, and others need the disk. */
  readonly #removals = new Lock();
  readonly #hasSubvolumes: boolean;
  #copiesAreSlow = false;
  /** Since the file system was last asked to give the space back, which btrfs does by itself only twice a minute. */
  #hasRemoved = false;

  private constructor(root: string, hasSubvolumes: boolean, logger: Logger) {
    this.#hasSubvolumes = hasSubvolumes;
    this.#folder = join(root, "trees");
    this.#work = join(root, "work");
    this.#logger = logger;
  }

  static async open(root: string, logger: Logger): Promise<Trees> {
    const trees = new Trees(root, (await statfs(root)).type === btrfs, logger);
    for (const folder of [trees.#folder, trees.#work]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    trees.#commands.start();
    return trees;
  }

  /** Where the tree of a snapshot is. */
  path(id: string): string {
    return join(this.#folder, id);
  }

  /**
   * Makes the tree of a new snapshot: empty, or like another's. It is there as a whole or not at all.
   * @returns its `clonedAt`
   * @throws RundError resourceExhausted when the disk is full
   */
  async make(id: string, original?: Original, signal?: AbortSignal): Promise<string> {
    const fresh = join(this.#work, `new-${id}`);
    try {
      const clonedAt =
        original === undefined ? await this.#makeEmpty(fresh) : await this.#clone(original, fresh, signal);
      // Here and below: at once, where a promise would take longer than what it waits for.
      renameSync(fresh, this.path(id));
      return clonedAt;
    } catch (error) {
      this.#remove(fresh);
      throw systemError(`tree of snapshot ${id}`, error);
    }
  }

  /** What a tree takes of the disk by itself, now. */
  async usage(id: string): Promise<Usage> {
    const result = await this.#commands.run(["usage", this.path(id)]);
    const { size, inodes } = JSON.parse(requireSuccess(result, "usage")) as Usage;
    return { size, inodes };
  }

  /** Takes a tree away: at once from its place, in the background from the disk. */
  async discard(id: string): Promise<void> {
    const old = join(this.#work, `old-${id}`);
    try {
      await rename(this.path(id), old);
    } catch (error) {
      // A view has none of its own.
      if (!isMissing(error)) throw systemError(`tree of snapshot ${id}`, error);
      return;
    }
    this.#remove(old);
  }

  /** Removes in the background what a crash has left, and the trees of all that are not in `known`. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#work)) this.#remove(join(this.#work, name));
    const orphans = (await readdir(this.#folder)).filter((id) => !known.has(id));
    for (const id of orphans) await this.discard(id);
  }

  /** Resolves when all removals so far have ended. */
  removed(): Promise<void> {
    return this.#removals.run(async () => {
      if (!this.#hasSubvolumes || !this.#hasRemoved) return;
      this.#hasRemoved = false;
      requireSuccess(await this.#commands.run(["sync", this.#work]), "sync");
    });
  }

  /** Ends what removes and makes trees; whoever stops in order has waited for {@link Trees.removed}. */
  close(): Promise<void> {
    return this.#commands.stop();
  }

  async #makeEmpty(path: string): Promise<string> {
    if (this.#hasSubvolumes) {
      requireSuccess(await this.#commands.run(["tree", path]), "make");
      return "";
    }
    mkdirSync(path);
    // Whatever the process's mask: it is the root directory of containers.
    chmodSync(path, 0o755);
    return "";
  }

  async #clone({ id, inodes }: Original, fresh: string, signal?: AbortSignal): Promise<string> {
    const args = ["clone", ...(inodes < largeTree ? [] : ["--large"]), this.path(id), fresh];
    const result = await this.#commands.run(args, signal);
    if (signal?.aborted) throw new RundError(Code.canceled, "clone: the caller has gone");
    const { copied, cloned } = JSON.parse(requireSuccess(result, "clone")) as CloneAnswer;
    if (copied > 0 && !this.#copiesAreSlow) {
      this.#copiesAreSlow = true;
      const text = "this file system cannot share content between files: snapshots are copies";
      this.#logger.warn(text, { place: this.#folder });
    }
    return cloned;
  }

  #remove(path: string): void {
    void this.#removals.run(async () => {
      try {
        requireSuccess(await this.#commands.run(["remove", path]), "remove");
        this.#hasRemoved = true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.error("a tree is left for the next start to remove", { path, reason });
      }
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
