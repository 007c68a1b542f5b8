import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MountRequest } from "../../src/mount/types.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind } from "./mount_specs.ts";

let sandbox: MountSandbox;
let outside: string;
let before: string;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  // What an escape would hit, with the names that are mounted on.
  outside = join(sandbox.path, "outside");
  mkdirSync(join(outside, "target"), { recursive: true });
  writeFileSync(join(outside, "file"), "canary\n");
  writeFileSync(join(sandbox.host, "file"), "of the host\n");
  before = sandbox.tree(outside);
});

afterEach(() => sandbox.remove());

function link(to: string, name: string): void {
  symlinkSync(to, join(sandbox.image, name));
}

function expectNoEscape(): void {
  expect(sandbox.tree(outside)).toBe(before);
  expect(sandbox.mounted().filter((path) => path.startsWith(`${outside}/`))).toEqual([]);
}

const drivers = [{ driver: "kernel" }, { driver: "bindfs" }] as const;

describe.each(drivers)("links of an image, with the $driver driver", (ways) => {
  /** Mounts a folder, a file and a file system there, wherever that leads; it may also fail, but not leave the root. */
  async function mountAt(path: string): Promise<void> {
    for (const mount of [
      bind(sandbox.host, path),
      bind(join(sandbox.host, "file"), path),
      { destination: path, type: "tmpfs" },
    ]) {
      const record = await sandbox.apply({ ...ways, mounts: [mount] }).catch(() => undefined);
      expectNoEscape();
      if (record !== undefined) {
        const inside = sandbox.mounted().every((target) => /\/(bundle\/rootfs|image)(\/|$)/.test(target));
        expect(inside).toBe(true);
        await sandbox.undo(record);
      }
      expect(sandbox.mounted()).toEqual([]);
      expectNoEscape();
    }
  }

  it("that are absolute stay inside", async () => {
    link(outside, "abs");
    await mountAt("/abs");
    await mountAt("/abs/target");
    await mountAt("/abs/file");
    await mountAt("/abs/new/deep");
  });

  it("that climb stay inside", async () => {
    const climb = `${"../".repeat(20)}${outside.slice(1)}`;
    link(climb, "up");
    mkdirSync(join(sandbox.image, "d"));
    link("../../../up", "d/again");
    await mountAt("/up/target");
    await mountAt("/d/again/target");
    await mountAt(`/${climb}/target`);
    await mountAt("/d/../../../../up/file");
  });

  it("that form a chain or a ring end", async () => {
    link("/one", "two");
    link("/two", "one");
    link(`/far${outside}`, "chain-0");
    for (let index = 1; index < 30; index++) link(`chain-${index - 1}`, `chain-${index}`);
    await expect(sandbox.apply({ ...ways, mounts: [bind(sandbox.host, "/one/x")] })).rejects.toThrow(
      /too many levels of symbolic links$/,
    );
    await mountAt("/chain-29/target");
  });

  it("into the jail's own proc do not lead through it", async () => {
    mkdirSync(join(sandbox.image, "proc"));
    link("/proc/1/root", "magic");
    link("/proc/self/cwd", "cwd");
    const proc = { destination: "/proc", type: "proc" };
    for (const name of ["magic", "cwd"]) {
      const path = `/${name}${outside}/target`;
      const mounts = [proc, bind(sandbox.host, path)];
      const record = await sandbox.apply({ ...ways, mounts }).catch(() => undefined);
      expectNoEscape();
      if (record !== undefined) await sandbox.undo(record);
      expectNoEscape();
      expect(sandbox.mounted()).toEqual([]);
    }
  });

  it("put in the way after the mounts are not followed back", async () => {
    mkdirSync(join(sandbox.image, "a"));
    const mounts = [bind(join(sandbox.host, "file"), "/a/file"), bind(sandbox.host, "/a/target")];
    const record = await sandbox.apply({ ...ways, mounts });
    renameSync(join(record.root, "a"), join(record.root, "moved"));
    symlinkSync(outside, join(record.root, "a"));
    await sandbox.undo(record);
    expectNoEscape();
    expect(existsSync(join(outside, "target"))).toBe(true);
    expect(sandbox.mounted()).toEqual([]);
  });
});

/** Makes `a` in the folder a link to somewhere else and back a folder, as fast as it can, and says when it began. */
const swapper = `
  const fs = require("node:fs");
  const [folder, outside] = process.argv.slice(1);
  process.chdir(folder);
  process.stdout.write("swapping");
  for (;;) {
    try { fs.renameSync("a", "hidden"); } catch {}
    try { fs.symlinkSync(outside, "a"); } catch {}
    try { fs.unlinkSync("a"); } catch {}
    try { fs.renameSync("hidden", "a"); } catch {}
  }`;

describe.each(drivers)("a process that swaps links meanwhile, with the $driver driver", (ways) => {
  let process_: ChildProcess;

  beforeEach(async () => {
    mkdirSync(join(sandbox.image, "a"));
    process_ = spawn(process.execPath, ["-e", swapper, sandbox.image, outside], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(process_.stdout ?? process_, "data");
  });

  afterEach(async () => {
    process_.kill("SIGKILL");
    await once(process_, "exit");
  });

  it("leads nowhere, in 200 rounds", async () => {
    const request: Partial<MountRequest> = {
      ...ways,
      mounts: [
        { destination: "/a/target", type: "tmpfs" },
        bind(join(sandbox.host, "file"), "/a/file"),
        bind(sandbox.host, "/a/new/deep"),
      ],
    };
    let applied = 0;
    for (let round = 0; round < 200; round++) {
      const record = await sandbox.apply(request).catch(() => undefined);
      expect(sandbox.mounted().filter((path) => path.startsWith(`${outside}/`))).toEqual([]);
      if (record !== undefined) await sandbox.undo(record);
      applied += record === undefined ? 0 : 1;
      expect(sandbox.mounted()).toEqual([]);
    }
    expectNoEscape();
    expect(readdirSync(join(sandbox.path, "run"), { recursive: true }).length).toBeLessThanOrEqual(2);
    // The race is a real one: it was neither always won nor always lost.
    expect(applied).toBeGreaterThan(0);
  }, 120_000);
});
