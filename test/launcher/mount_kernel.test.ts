import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import type { Mount } from "../../src/oci/spec.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind, pseudoMounts } from "./mount_specs.ts";

let sandbox: MountSandbox;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
});

afterEach(() => sandbox.remove());

function folder(...names: string[]): string {
  const path = join(sandbox.path, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

function optionsOf(target: string): readonly string[] {
  return sandbox.mountTable().find((entry) => entry.target === target)?.options ?? [];
}

describe("bind mounts", () => {
  it("keep the flags of their source when they become read-only", async () => {
    const source = folder("flags");
    execFileSync("mount", ["-t", "tmpfs", "-o", "nosuid,nodev,noexec,noatime", "flags", source]);
    const { root } = await sandbox.apply({ mounts: [bind(source, "/x", "ro")] });
    expect(optionsOf(join(root, "x"))).toEqual(["ro", "nosuid", "nodev", "noexec", "noatime"]);
  });

  it("take flags away when asked to", async () => {
    const source = folder("flags");
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro,nosuid,noexec", "flags", source]);
    const { root } = await sandbox.apply({ mounts: [bind(source, "/x", "rw", "exec", "strictatime")] });
    expect(optionsOf(join(root, "x"))).toEqual(["rw", "nosuid"]);
  });

  it.each([
    ["ro", "rw"],
    ["rro", "ro"],
  ])("with %s leave what is mounted below %s", async (option, below) => {
    const source = folder("outer");
    folder("outer/inner");
    execFileSync("mount", ["-t", "tmpfs", "inner", join(source, "inner")]);
    const record = await sandbox.apply({ mounts: [bind(source, "/x", option)] });
    expect(optionsOf(join(record.root, "x"))).toContain("ro");
    expect(optionsOf(join(record.root, "x/inner"))).toContain(below);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([join(source, "inner")]);
  });

  it("are private unless asked otherwise, so that nothing of a jail spreads", async () => {
    const { root } = await sandbox.apply({
      mounts: [bind(sandbox.host, "/p"), bind(sandbox.host, "/s", "rshared")],
    });
    const table = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    const shared = (path: string) => table.find((line) => line.includes(` ${path} `))?.includes(" shared:");
    expect([shared(root), shared(join(root, "p")), shared(join(root, "s"))]).toEqual([false, false, true]);
  });

  it.each(["tmpcopyup", "idmap", "loop"])("refuse the option %s rather than drop it", async (option) => {
    await expect(sandbox.apply({ mounts: [bind(sandbox.host, "/x", option)] })).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: expect.stringContaining(`mount /x: option "${option}"`),
    });
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("of a folder onto a file fail with the errno's text", async () => {
    writeFileSync(join(sandbox.image, "x"), "");
    await expect(sandbox.apply({ mounts: [bind(sandbox.host, "/x")] })).rejects.toThrow(/not a directory$/);
    await expect(sandbox.apply({ mounts: [bind(sandbox.host, "/x/y")] })).rejects.toThrow(/not a directory$/);
  });
});

describe("a root of the kernel's", () => {
  function overlay(lowers: readonly string[]): readonly Mount[] {
    const options = [
      `workdir=${folder("work")}`,
      `upperdir=${folder("upper")}`,
      `lowerdir=${lowers.join(":")}`,
    ];
    return [{ destination: "", type: "overlay", source: "overlay", options: ["index=off", ...options] }];
  }

  it("is an overlay whose upper folder has nothing of ours in the end, not even as its lower one changed", async () => {
    const lower = folder("lower");
    folder("lower/etc");
    writeFileSync(join(lower, "etc/hosts"), "of the image\n");
    writeFileSync(join(sandbox.host, "hosts"), "of the host\n");
    for (const driver of ["kernel", "bindfs"] as const) {
      const mounts = [...pseudoMounts, bind(join(sandbox.host, "hosts"), "/etc/hosts")];
      const record = await sandbox.apply({ driver, rootPath: "rootfs", rootfs: overlay([lower]), mounts });
      expect(readFileSync(join(record.root, "etc/hosts"), "utf8")).toBe("of the host\n");
      writeFileSync(join(record.root, "made-in-jail"), "");
      await sandbox.undo(record);
      expect(sandbox.mounted()).toEqual([]);
      const left = execFileSync("find", [folder("upper"), "-mindepth", "1", "-type", "f"], {
        encoding: "utf8",
      });
      if (driver === "kernel") expect(left.trim()).toBe(join(sandbox.path, "upper/made-in-jail"));
    }
    expect(readFileSync(join(lower, "etc/hosts"), "utf8")).toBe("of the image\n");
  });

  it("may have more layers than fit into a page of options", async () => {
    const snapshots = "var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots";
    const lowers = Array.from({ length: 120 }, (_, index) => folder(snapshots, `${index}/fs`));
    for (const [index, lower] of lowers.entries()) writeFileSync(join(lower, `file-${index}`), "");
    const record = await sandbox.apply({ rootfs: overlay(lowers) });
    expect(readdirSync(record.root)).toHaveLength(120);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("says which mount of the root failed", async () => {
    const rootfs = overlay([join(sandbox.path, "no-such-layer")]);
    await expect(sandbox.apply({ rootfs })).rejects.toThrow(
      `mount ${sandbox.bundle}/rootfs: overlay: no such file or directory`,
    );
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("is private and may be shared with another jail, whose mounts stay when one ends", async () => {
    const other = folder("other");
    folder("other/rootfs");
    const first = await sandbox.apply({ mounts: pseudoMounts });
    const second = await sandbox.apply({ bundle: other, mounts: pseudoMounts });
    expect(second.root).not.toBe(first.root);
    await sandbox.undo(first);
    expect(existsSync(join(second.root, "proc/1"))).toBe(true);
    await sandbox.undo(second);
    expect(sandbox.mounted()).toEqual([]);
    expect(readdirSync(sandbox.image)).toEqual([]);
  });

  it("may be the bundle's own folder, with a mount of somebody else's on it that stays", async () => {
    const root = join(sandbox.bundle, "rootfs");
    execFileSync("mount", ["-t", "tmpfs", "theirs", root]);
    writeFileSync(join(root, "file"), "");
    const record = await sandbox.apply({ rootPath: "rootfs", readonlyRoot: true, mounts: pseudoMounts });
    expect(existsSync(join(record.root, "file"))).toBe(true);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([root]);
    expect(readdirSync(root)).toEqual(["file"]);
  });

  it("is made where the bundle has no folder for it, which goes again", async () => {
    const bundle = folder("bare");
    const record = await sandbox.apply({ bundle });
    expect(statSync(record.root).ino).toBe(statSync(sandbox.image).ino);
    await sandbox.undo(record);
    expect(readdirSync(bundle)).toEqual([]);
  });
});
