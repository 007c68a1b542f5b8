import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Logger } from "../../src/common/log.ts";
import { applyMounts } from "../../src/mount/apply_mounts.ts";
import { planMounts } from "../../src/mount/plan_mounts.ts";
import type { MountRecord, MountRequest } from "../../src/mount/types.ts";
import { undoMounts } from "../../src/mount/undo_mounts.ts";
import { parseMountinfo } from "../../src/platform/mountinfo.ts";
import { bindfsFolder } from "../harness/tools.ts";
import { launcher } from "./launcher_under_test.ts";

/** A bundle, an image's folder and a folder of the host's, all temporary, and what has to be the same after as before. */
export class MountSandbox {
  readonly path: string;
  readonly bundle: string;
  readonly image: string;
  readonly host: string;
  /** What was logged. */
  readonly log: string[] = [];
  readonly #bindfs: string;

  private constructor(path: string, bindfs: string) {
    this.path = path;
    this.#bindfs = bindfs;
    this.bundle = this.#folder("bundle");
    this.image = this.#folder("image");
    this.host = this.#folder("host");
    this.#folder("bundle/rootfs");
    this.#folder("run");
    /** The product looks for one name only. */
    const libexec = this.#folder("libexec");
    symlinkSync(launcher, join(libexec, "rund-jail"));
    process.env["RUND_LIBEXEC"] = libexec;
  }

  static async create(): Promise<MountSandbox> {
    const bindfs = join(await bindfsFolder(), "bindfs");
    return new MountSandbox(realpathSync(mkdtempSync(join(tmpdir(), "rund-mount-"))), bindfs);
  }

  #folder(name: string): string {
    mkdirSync(join(this.path, name), { recursive: true });
    return join(this.path, name);
  }

  get logger(): Logger {
    const add = (text: string) => void this.log.push(text);
    return { debug: add, info: add, warn: add, error: add };
  }

  /** A request whose root is the image's folder. */
  request(fields: Partial<MountRequest> = {}): MountRequest {
    return {
      bundle: this.bundle,
      rootPath: this.image,
      readonlyRoot: false,
      rootfs: [],
      mounts: [],
      driver: "kernel",
      bindfs: this.#bindfs,
      runtimeDirectory: join(this.path, "run"),
      ...fields,
    };
  }

  async apply(fields: Partial<MountRequest> = {}): Promise<MountRecord> {
    return applyMounts(planMounts(this.request(fields)), () => {}, this.logger);
  }

  async undo(record: MountRecord): Promise<void> {
    await undoMounts(record, this.logger);
  }

  /** Mount points below the sandbox, in the system's order. */
  mounted(): string[] {
    return this.mountTable().map(({ target }) => target);
  }

  mountTable() {
    const table = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
    return table.filter(({ target }) => target.startsWith(`${this.path}/`));
  }

  /** Running bindfs processes of this sandbox, and relays of lookups. */
  servers(): number[] {
    const lines = execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" }).split("\n");
    const ours = lines.filter(
      (line) => line.includes(this.path) && / \S*\/(bindfs -f|rund-jail\S* dns )/.test(line),
    );
    return ours.map((line) => Number.parseInt(line, 10));
  }

  /** Everything in a folder: names, kinds, modes, owners, times, sizes, where links lead, what files hold. */
  tree(folder: string = this.image): string {
    const format = "%P %y %m %U:%G %T@ %s %l\\n";
    const names = execFileSync("find", [folder, "-xdev", "-printf", format], { encoding: "utf8" });
    const contents = execFileSync("find", [folder, "-xdev", "-type", "f", "-exec", "cksum", "{}", "+"], {
      encoding: "utf8",
    });
    return `${names.split("\n").sort().join("\n")}\n${contents.split("\n").sort().join("\n")}`;
  }

  /** What an undo must leave of bundle and runtime folder: nothing of ours. */
  leftovers(): string[] {
    const found = execFileSync(
      "find",
      [join(this.path, "bundle"), join(this.path, "run"), "-mindepth", "1"],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    return found
      .split("\n")
      .filter((name) => name !== "" && !["rootfs", "mounts", "roots"].includes(basename(name)));
  }

  /** Removes all files, and first all mounts that a failed test left, so that no file of the host's is hit through one. */
  remove(): void {
    // A mount inside of one whose file server has died goes only with that one.
    for (const target of this.mounted().reverse()) spawnSync("umount", ["-l", target]);
    // Else what is mounted there would be removed too.
    if (this.mounted().length > 0) throw new Error(`still mounted: ${this.mounted().join(" ")}`);
    for (const pid of this.servers()) process.kill(pid, "SIGKILL");
    rmSync(this.path, { recursive: true, force: true });
  }
}
