import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { projectFolder } from "./project_paths.ts";

/**
 * A folder for daemons' files. It is always removed, with every process and mount in it: by {@link remove}, or by
 * its reaper once this process has ended in whatever way. The path is short, as socket paths in it must be.
 */
export class TemporaryFolder {
  readonly path: string;
  readonly #reaper: ChildProcess;

  private constructor(path: string, reaper: ChildProcess) {
    this.path = path;
    this.#reaper = reaper;
  }

  static async create(): Promise<TemporaryFolder> {
    const path = await mkdtemp("/tmp/rund-");
    // Its own session: a ^C on the terminal must not reach it.
    const reaper = spawn("bash", [`${projectFolder}/test/harness/reaper.sh`, path], {
      stdio: ["pipe", "ignore", "inherit"],
      detached: true,
    });
    await once(reaper, "spawn");
    reaper.unref();
    return new TemporaryFolder(path, reaper);
  }

  async remove(): Promise<void> {
    if (this.#reaper.exitCode !== null) return;
    const ended = once(this.#reaper, "exit");
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    await ended;
  }
}
