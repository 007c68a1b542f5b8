import { readFileSync } from "node:fs";
import { descriptorCount } from "../../e2e/support/host_processes.ts";
import { TaskShim } from "../../e2e/support/task_shim.ts";
import { fire } from "./frame_cannon.ts";
import { FrameFuzzer } from "./frame_fuzzer.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Frames that are sent in one piece, over a connection of their own. */
const batchFrames = 2_000;

/** Connections at once. */
const lanes = 2;

const program = ["sleep", "10000"];

interface Containers {
  readonly keeper: string;
  readonly victim: string;
}

/** Folders of which nothing else is made use: roots of two containers, and one that stays empty. */
export interface FuzzFolders extends Containers {
  readonly empty: string;
}

/** A shim at which frames are thrown. It has a container that they may be about, and one of which they do not know. */
export class FuzzedShim {
  readonly shim: TaskShim;
  readonly #folders: FuzzFolders;
  readonly #fuzzer: FrameFuzzer;
  #thrown = 0;

  private constructor(shim: TaskShim, folders: FuzzFolders, seed: number) {
    this.shim = shim;
    this.#folders = folders;
    this.#fuzzer = new FrameFuzzer(new SeededRandom(seed), "victim", folders.empty);
  }

  static async start(folders: FuzzFolders, seed: number): Promise<FuzzedShim> {
    const fuzzed = new FuzzedShim(await TaskShim.start(), folders, seed);
    // As long as it is there the daemon has to stay, whatever Shutdown it gets.
    await fuzzed.#run("keeper");
    await fuzzed.#run("victim");
    return fuzzed;
  }

  /** Throws frames until there were so many in all, and makes a good call after each batch. */
  async throwUntil(count: number): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(count)));
  }

  async #lane(count: number): Promise<void> {
    while (this.#thrown < count) {
      this.#thrown += batchFrames;
      await fire(this.shim.socket, this.#fuzzer.batch(batchFrames));
      const { shimPid } = await this.shim.connect("keeper");
      if (shimPid !== this.shim.pid) throw new Error(`shim ${this.shim.pid}: another answers, ${shimPid}`);
    }
  }

  /**
   * Puts another victim in the place of the one that was treated so, with its execs. That may have ended by itself, or be
   * gone: now and then a frame was a Kill or a Delete before it was changed.
   */
  async renewVictim(): Promise<void> {
    await this.shim.kill("victim").catch(ignore);
    await this.shim.wait("victim").catch(ignore);
    await this.shim.delete("victim").catch(ignore);
    await this.#run("victim");
  }

  /** Ends a container as a client does; answers its exit status. */
  async end(id: keyof Containers): Promise<number> {
    await this.shim.kill(id);
    const { exitStatus } = await this.shim.wait(id);
    await this.shim.delete(id);
    return exitStatus;
  }

  /** Memory that nobody shares with it, in KiB. */
  get memory(): number {
    return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${this.shim.pid}/status`, "utf8"))?.[1]);
  }

  get descriptors(): number {
    return descriptorCount(this.shim.pid);
  }

  async #run(id: keyof Containers): Promise<void> {
    await this.shim.create(id, this.#folders[id], program);
    await this.shim.start(id);
  }
}

function ignore(): void {}
