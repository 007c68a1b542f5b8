import { lstatSync, readFileSync } from "node:fs";
import { lutimes, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { expect, onTestFinished } from "vitest";

/** What stands in it, with the names at which images are mounted on: a way out would find something to hit. */
const folders = [
  "",
  "/etc",
  "/proc",
  "/dev",
  "/dev/pts",
  "/sys",
  "/run",
  "/target",
  "/new",
  "/new/deep",
  "/a",
];
const files = ["/file", "/etc/passwd", "/etc/group", "/target/file"];
const links = ["/link"];

const text = "canary\n";

/**
 * A folder of the host's that nothing may touch. Whatever is made or removed in it, written, replaced or given another
 * mode changes a time that nobody can set back; what is read shows in the time of the last access.
 */
export class Canary {
  readonly path: string;
  readonly #paths: readonly string[];
  readonly #before: readonly string[];

  private constructor(path: string, paths: readonly string[]) {
    this.path = path;
    this.#paths = paths;
    this.#before = this.#look();
  }

  /** `parent` is where it is made, outside of every root. */
  static async make(parent: string): Promise<Canary> {
    const path = await mkdtemp(`${parent}/canary-`);
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    for (const name of folders) await mkdir(`${path}${name}`, { recursive: true });
    for (const name of files) await writeFile(`${path}${name}`, text);
    for (const name of links) await symlink("file", `${path}${name}`);
    const paths = [...folders, ...files, ...links].map((name) => `${path}${name}`);
    // The kernel notes an access only where the last one is older than the last change.
    for (const one of paths) await lutimes(one, 1, 2);
    return new Canary(path, paths);
  }

  /** Fails when anything was done to it since it was made, or is mounted in it now. */
  expectUntouched(): void {
    expect(this.#look()).toEqual(this.#before);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(` ${this.path}`);
  }

  /** The same, and that its files hold what they held; no look at it afterwards can tell who has read them. */
  expectUntouchedAtLast(): void {
    this.expectUntouched();
    for (const name of files) expect(readFileSync(`${this.path}${name}`, "utf8")).toBe(text);
  }

  #look(): string[] {
    return this.#paths.map((path) => {
      const { dev, ino, mode, uid, gid, nlink, size, atimeNs, mtimeNs, ctimeNs } = lstatSync(path, {
        bigint: true,
      });
      return [path, dev, ino, mode, uid, gid, nlink, size, atimeNs, mtimeNs, ctimeNs].join(" ");
    });
  }
}
