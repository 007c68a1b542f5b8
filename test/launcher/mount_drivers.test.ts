import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind, pseudoMounts } from "./mount_specs.ts";

let sandbox: MountSandbox;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
});

afterEach(() => sandbox.remove());

function write(name: string, text: string): string {
  const path = join(sandbox.host, name);
  writeFileSync(path, text);
  return path;
}

function read(...names: string[]): string {
  return readFileSync(join(...names), "utf8");
}

/** What must hold after every undo. */
function expectNothingLeft(before: string): void {
  expect(sandbox.mounted()).toEqual([]);
  expect(sandbox.servers()).toEqual([]);
  expect(sandbox.leftovers()).toEqual([]);
  expect(sandbox.tree()).toBe(before);
}

describe.each([
  { driver: "kernel", root: "direct" },
  { driver: "bindfs", root: "direct" },
  { driver: "bindfs", root: "bindfs" },
] as const)("mounts with the $driver driver, root $root", (ways) => {
  it("makes docker's spec and takes all of it back", async () => {
    mkdirSync(join(sandbox.image, "etc"));
    writeFileSync(join(sandbox.image, "etc/hosts"), "the image's own\n", { mode: 0o640 });
    const volume = join(sandbox.host, "volume");
    mkdirSync(volume);
    writeFileSync(join(volume, "file"), "in the volume\n");
    const before = sandbox.tree();
    const record = await sandbox.apply({
      ...ways,
      devices: [{ path: "/dev/fuse", type: "c", major: 10, minor: 229 }],
      mounts: [
        ...pseudoMounts,
        bind(write("resolv.conf", "nameserver\n"), "/etc/resolv.conf"),
        bind(write("hosts", "localhost\n"), "/etc/hosts"),
        bind(volume, "/srv/deep/data"),
        bind(volume, "/srv/ro", "ro"),
      ],
    });
    const { root } = record;
    expect(statSync(join(root, "proc/1")).isDirectory()).toBe(true);
    expect(statSync(join(root, "dev/null"))).toMatchObject({ rdev: 0x103, mode: 0o020666 });
    expect(statSync(join(root, "dev/fuse"))).toMatchObject({ rdev: 0xae5, mode: 0o020666 });
    expect(readlinkSync(join(root, "dev/ptmx"))).toBe("pts/ptmx");
    expect(readlinkSync(join(root, "dev/stdin"))).toBe("/proc/self/fd/0");
    expect(existsSync(join(root, "dev/pts/ptmx"))).toBe(true);
    expect(read(root, "etc/resolv.conf")).toBe("nameserver\n");
    expect(read(root, "etc/hosts")).toBe("localhost\n");
    expect(read(root, "srv/ro/file")).toBe("in the volume\n");
    expect(() => writeFileSync(join(root, "srv/ro/file"), "")).toThrow("EROFS");
    writeFileSync(join(root, "srv/deep/data/new"), "from the jail\n");
    expect(read(volume, "new")).toBe("from the jail\n");
    await sandbox.undo(record);
    // Through bindfs the kernel knows the folder's times only after a while, so they are not put back.
    if (ways.root === "bindfs")
      execFileSync("touch", ["-r", join(sandbox.image, "etc/hosts"), sandbox.image]);
    if (ways.root === "direct") expectNothingLeft(before);
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
    await sandbox.undo(record);
  });

  it("makes the root read-only, but what is mounted in it stays writable", async () => {
    const volume = join(sandbox.host, "volume");
    mkdirSync(volume);
    const before = sandbox.tree();
    const mounts = [...pseudoMounts, bind(volume, "/data"), bind(write("hosts", "x"), "/etc/hosts", "ro")];
    const record = await sandbox.apply({ ...ways, readonlyRoot: true, mounts });
    expect(() => writeFileSync(join(record.root, "new"), "")).toThrow("EROFS");
    expect(() => writeFileSync(join(record.root, "etc/hosts"), "")).toThrow("EROFS");
    expect(read(record.root, "etc/hosts")).toBe("x");
    writeFileSync(join(record.root, "data/new"), "");
    writeFileSync(join(record.root, "dev/shm/new"), "");
    await sandbox.undo(record);
    expectNothingLeft(before);
  });

  it("takes everything back when a step fails, and says which", async () => {
    const before = sandbox.tree();
    const mounts = [...pseudoMounts, bind(sandbox.host, "/data"), bind(join(sandbox.host, "none"), "/x/y")];
    await expect(sandbox.apply({ ...ways, mounts })).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: `mount /x/y: bind source path does not exist: ${sandbox.host}/none`,
    });
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
    if (ways.root === "direct") expectNothingLeft(before);
  });

  it("does not touch the mounts of a bundle that is in use", async () => {
    const record = await sandbox.apply({ ...ways, mounts: pseudoMounts });
    const mounted = sandbox.mounted();
    await expect(sandbox.apply(ways)).rejects.toMatchObject({ code: Code.failedPrecondition });
    expect(sandbox.mounted()).toEqual(mounted);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("gets mounts off that a process sits in, within four seconds", async () => {
    const record = await sandbox.apply({ ...ways, mounts: [...pseudoMounts, bind(sandbox.host, "/data")] });
    const sitting = spawn("sleep", ["60"], { cwd: join(record.root, "data"), stdio: "ignore" });
    await once(sitting, "spawn");
    const started = Date.now();
    await sandbox.undo(record);
    expect(Date.now() - started).toBeLessThan(4_000);
    expect(sandbox.mounted()).toEqual([]);
    sitting.kill("SIGKILL");
    await once(sitting, "exit");
  });

  it("takes off what the jail itself has mounted inside, and leaves what it made of a mount point", async () => {
    const record = await sandbox.apply({ ...ways, mounts: [bind(sandbox.host, "/data")] });
    execFileSync("mount", ["-t", "tmpfs", "own", join(record.root, "data")]);
    mkdirSync(join(record.root, "data/deep"));
    execFileSync("mount", ["-t", "tmpfs", "own", join(record.root, "data/deep")]);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
    expect(existsSync(join(sandbox.image, "data"))).toBe(false);
  });

  it("finds a mount again whose folder the jail has renamed", async () => {
    mkdirSync(join(sandbox.image, "a"));
    const record = await sandbox.apply({ ...ways, mounts: [bind(sandbox.host, "/a/data")] });
    execFileSync("mv", [join(record.root, "a"), join(record.root, "b")]);
    symlinkSync(sandbox.host, join(record.root, "a"));
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
    expect(lstatSync(join(sandbox.image, "a")).isSymbolicLink()).toBe(true);
  });

  it("keeps a mount point that the jail's image has meanwhile filled", async () => {
    const record = await sandbox.apply({ ...ways, mounts: [{ destination: "/t", type: "tmpfs" }] });
    writeFileSync(join(record.root, "t/in-memory"), "");
    execFileSync("umount", [join(record.root, "t")]);
    writeFileSync(join(record.root, "t/kept"), "");
    await sandbox.undo(record);
    expect(existsSync(join(sandbox.image, "t/kept"))).toBe(true);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("refuses the host's own root, also by another name", async () => {
    symlinkSync("/", join(sandbox.path, "slash"));
    await expect(sandbox.apply({ ...ways, rootPath: join(sandbox.path, "slash") })).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: "root: is the host's own root",
    });
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
  });
});
