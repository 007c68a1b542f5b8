import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killJailUntilGone } from "../../src/jail/process_table.ts";
import { busyboxRootfs } from "../harness/busybox_rootfs.ts";
import { launcher } from "./launcher_under_test.ts";

/** A small root file system in a temporary folder, with `/dev/null`, and a folder beside it for the host's files. */
export class BusyboxJail {
  readonly root: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, "root");
  }

  static async create(): Promise<BusyboxJail> {
    const jail = new BusyboxJail(mkdtempSync(join(tmpdir(), "rund-jail-")));
    await busyboxRootfs(jail.root);
    // Jailed users must get through it.
    chmodSync(jail.root, 0o755);
    execFileSync("mknod", ["-m", "666", join(jail.root, "dev/null"), "c", "1", "3"]);
    return jail;
  }

  /** A path outside of the root that nothing uses yet. */
  hostPath(name: string): string {
    return join(this.#folder, name);
  }

  /** Ends every process that is left, and removes all files. */
  async remove(): Promise<void> {
    await killJailUntilGone(this.root, 5_000, launcher);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
