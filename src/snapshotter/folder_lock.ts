import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Code, RundError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";

/** How long the lock of a process that has just died may still be seen, and how often it is looked for; milliseconds. */
const [patience, interval] = [2_000, 50];

/**
 * The only lock on a folder, held by a helper process that ends with this one, however that ends: neither Node nor Bun can
 * lock files.
 */
export class FolderLock {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /**
   * @param lost called when the lock is lost while it should be held
   * @throws RundError failedPrecondition when another process has it
   */
  static async take(folder: string, lost: () => void): Promise<FolderLock> {
    const deadline = performance.now() + patience;
    for (;;) {
      const holder = await tryLock(folder);
      if (holder !== undefined) {
        holder.once("exit", lost);
        return new FolderLock(holder);
      }
      if (performance.now() > deadline)
        throw new RundError(Code.failedPrecondition, `${folder}: is in use by another snapshotter`);
      await delay(interval);
    }
  }

  async release(): Promise<void> {
    this.#holder.removeAllListeners("exit");
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
  }
}

/** The process that holds the lock; undefined when another has it. */
async function tryLock(folder: string): Promise<ChildProcess | undefined> {
  const holder = spawn(launcherPath(), ["lock", folder], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "pipe", "pipe"],
    // A signal from the terminal is for the daemon, which ends in order.
    detached: true,
  });
  let complaint = "";
  holder.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const locked = once(holder.stdout, "data").then(() => true);
  const refused = once(holder, "close").then(() => false);
  if (await Promise.race([locked, refused])) return holder;
  if (complaint.startsWith("EBUSY")) return undefined;
  throw new RundError(Code.internal, `${folder}: cannot be locked: ${complaint.trim()}`);
}
