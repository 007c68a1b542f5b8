import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MountRequest } from "../../src/mount/types.ts";
import type { MountSandbox } from "./mount_sandbox.ts";

/** Words that only macOS's FUSE libraries know. */
const darwinWords = ["allow_recursion", "nobrowse", "noappledouble", "noattrcache"];

/**
 * Stand-ins for the programs that mount on macOS. Each writes down how it was called, one line a call, and then does with
 * Linux's means what it would do there; so the plan for a Mac is carried out as it is, with real mounts.
 */
export class DarwinDoubles {
  readonly #sandbox: MountSandbox;
  readonly #folder: string;

  constructor(sandbox: MountSandbox) {
    this.#sandbox = sandbox;
    this.#folder = join(sandbox.path, "doubles");
    mkdirSync(this.#folder);
    this.write("mount_devfs", 'exec mount -t tmpfs devfs "$last"');
    this.write("mount_tmpfs", 'exec mount -t tmpfs tmpfs "$last"');
    this.write("bindfs", this.bindfsScript);
  }

  /** Calls the real one without those words. */
  get bindfsScript(): string {
    const left = darwinWords.map((word) => `s/,*${word}//`).join(";");
    const option = `$(printf %s "$a" | sed '${left};s/^,//;s/^$/rw/')`;
    return `for a; do shift; set -- "$@" "${option}"; done\nexec ${this.#sandbox.request().bindfs} "$@"`;
  }

  /** Sets what one of them does; `$last` is the mount point. */
  write(name: string, script: string): void {
    const record = `printf '%s\\n' "${name} $*" >>${this.#record}`;
    writeFileSync(join(this.#folder, name), `#!/bin/sh\n${record}\nfor last; do :; done\n${script}\n`);
    chmodSync(join(this.#folder, name), 0o755);
  }

  get #record(): string {
    return join(this.#folder, "calls");
  }

  /** How they were called, in order, the sandbox's path left out. */
  calls(): string[] {
    if (!existsSync(this.#record)) return [];
    const text = readFileSync(this.#record, "utf8").replaceAll(this.#sandbox.path, "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** A request as on a Mac, with these programs. */
  request(fields: Partial<MountRequest> = {}): Partial<MountRequest> {
    const path = (name: string) => join(this.#folder, name);
    const tools = { devfs: path("mount_devfs"), tmpfs: path("mount_tmpfs") };
    return {
      platform: "darwin",
      driver: "bindfs",
      fuse: "macfuse",
      bindfs: path("bindfs"),
      tools,
      ...fields,
    };
  }
}
