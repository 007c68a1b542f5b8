import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { undoMounts } from "../../src/mount/undo_mounts.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind } from "./mount_specs.ts";

let sandbox: MountSandbox;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
});

afterEach(() => sandbox.remove());

/** A program that stands in for bindfs. */
function fakeBindfs(script: string): string {
  const path = join(sandbox.path, "fake-bindfs");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const volume = () => ({ driver: "bindfs" as const, mounts: [bind(sandbox.host, "/data")] });

describe("bindfs", () => {
  it("runs in a session of its own while the mount is there, and is gone with it", async () => {
    const record = await sandbox.apply(volume());
    const [pid = 0, ...others] = sandbox.servers();
    expect(others).toEqual([]);
    const [, , , , , session] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    expect(Number(session)).toBe(pid);
    expect(readdirSync(`/proc/${pid}/fd`).length).toBeLessThan(8);
    expect(sandbox.mounted()).toEqual([join(sandbox.image, "data")]);
    await sandbox.undo(record);
    expect(sandbox.servers()).toEqual([]);
  });

  it("may have died: its mount is taken off all the same", async () => {
    const record = await sandbox.apply(volume());
    for (const pid of sandbox.servers()) process.kill(pid, "SIGKILL");
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
    expect(existsSync(join(sandbox.image, "data"))).toBe(false);
  });

  it.each([
    ["the root", { root: "bindfs" as const }],
    ["a read-only root", { readonlyRoot: true }],
  ])("may have died as the server of %s: what is mounted inside goes with it", async (_, fields) => {
    const record = await sandbox.apply({ ...volume(), ...fields });
    for (const pid of sandbox.servers()) process.kill(pid, "SIGKILL");
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
  });

  it.each([
    ["a volume", {}],
    ["the root", { root: "bindfs" as const }],
    ["a read-only root", { readonlyRoot: true }],
  ])("may hang as the server of %s: it is killed, within four seconds", async (_, fields) => {
    const record = await sandbox.apply({ ...volume(), ...fields });
    for (const pid of sandbox.servers()) process.kill(pid, "SIGSTOP");
    const started = Date.now();
    await sandbox.undo(record);
    expect(Date.now() - started).toBeLessThan(4_000);
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.servers()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("shows a read-only root without a word when it goes", async () => {
    const record = await sandbox.apply({ ...volume(), readonlyRoot: true });
    await sandbox.undo(record);
    expect(sandbox.log).toEqual([]);
    expect(readdirSync(sandbox.image)).toEqual([]);
  });

  it.each([
    ["echo 'fuse: device not found' >&2; exit 1", "bindfs: fuse: device not found"],
    ["exit 3", "bindfs: ended with 3"],
    ["exit 0", "bindfs: ended with 0"],
    ["kill -9 $$", "bindfs: ended by signal 9"],
  ])("fails a start with what it said: %s", async (script, text) => {
    const attempt = sandbox.apply({ ...volume(), bindfs: fakeBindfs(script) });
    await expect(attempt).rejects.toMatchObject({ message: `mount /data: ${text}` });
    expect(sandbox.leftovers()).toEqual([]);
    expect(readdirSync(sandbox.image)).toEqual([]);
  });

  it("shows one file under its names as one: sizes, link counts, and what was written through another name", async () => {
    const record = await sandbox.apply(volume());
    const file = (name: string) => join(sandbox.image, "data", name);
    writeFileSync(file("first"), "a\n");
    linkSync(file("first"), file("second"));
    expect([statSync(file("first")).nlink, statSync(file("second")).nlink]).toEqual([2, 2]);
    appendFileSync(file("second"), "more\n");
    expect(readFileSync(file("first"), "utf8")).toBe("a\nmore\n");
    rmSync(file("second"));
    expect(statSync(file("first")).nlink).toBe(1);
    rmSync(file("first"));
    await sandbox.undo(record);
  });

  it("is told when it is not installed", async () => {
    const attempt = sandbox.apply({ ...volume(), bindfs: "no-such-bindfs" });
    await expect(attempt).rejects.toThrow("mount /data: bindfs: no-such-bindfs: no such file or directory");
  });
});

describe("a root that is used as it is", () => {
  const other = () => {
    const bundle = join(sandbox.path, "other");
    mkdirSync(join(bundle, "rootfs"), { recursive: true });
    return { driver: "bindfs", bundle } as const;
  };

  it("belongs to one container at a time", async () => {
    const first = await sandbox.apply({ driver: "bindfs" });
    await expect(sandbox.apply(other())).rejects.toMatchObject({
      code: Code.failedPrecondition,
      message: expect.stringMatching(/^root: .*\/image belongs to another running container \(.*\): /),
    });
    await expect(sandbox.apply({ ...other(), readonlyRoot: true })).rejects.toThrow("belongs to another");
    await sandbox.undo(first);
    await sandbox.undo(await sandbox.apply(other()));
    expect(readdirSync(join(sandbox.path, "run/roots"))).toEqual([]);
  });

  it("is free again when the bundle that claimed it is gone", async () => {
    const first = await sandbox.apply(other());
    rmSync(join(sandbox.path, "other"), { recursive: true });
    const second = await sandbox.apply({ driver: "bindfs" });
    await undoMounts(first, sandbox.logger);
    expect(readdirSync(join(sandbox.path, "run/roots"))).toHaveLength(1);
    await sandbox.undo(second);
  });
});
