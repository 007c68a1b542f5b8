import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MountSandbox } from "./mount_sandbox.ts";
import { pseudoMounts } from "./mount_specs.ts";

let sandbox: MountSandbox;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  mkdirSync(join(sandbox.image, "folder"));
  writeFileSync(join(sandbox.image, "folder/file"), "text");
});

afterEach(() => sandbox.remove());

const write = (path: string) => () => writeFileSync(path, "changed");

describe("a masked path", () => {
  it("shows nothing of a folder or a file, and all of both again afterwards", async () => {
    const before = sandbox.tree();
    const masked = await sandbox.apply({ maskedPaths: ["/folder/file"] });
    const device = statSync(join(masked.root, "folder/file"));
    expect([device.isCharacterDevice(), readFileSync(join(masked.root, "folder/file"), "utf8")]).toEqual([
      true,
      "",
    ]);
    await sandbox.undo(masked);
    const folder = await sandbox.apply({ maskedPaths: ["/folder"] });
    expect(readdirSync(join(folder.root, "folder"))).toEqual([]);
    expect(write(join(folder.root, "folder/new"))).toThrow(/EROFS/);
    await sandbox.undo(folder);
    expect(sandbox.tree()).toBe(before);
    expect([sandbox.mounted(), sandbox.leftovers()]).toEqual([[], []]);
  });

  it("that is not there, or lies behind a file, is left alone", async () => {
    const before = sandbox.tree();
    const record = await sandbox.apply({
      maskedPaths: ["/none", "/folder/file/x"],
      readonlyPaths: ["/none/y"],
    });
    expect(sandbox.mounted()).toEqual([record.root]);
    await sandbox.undo(record);
    expect(sandbox.tree()).toBe(before);
  });

  it("is found inside of the jail, whatever links say", async () => {
    symlinkSync("/etc", join(sandbox.image, "absolute"));
    symlinkSync("../../../../../../etc/passwd", join(sandbox.image, "climbing"));
    mkdirSync(join(sandbox.image, "etc"));
    writeFileSync(join(sandbox.image, "etc/passwd"), "jail");
    const record = await sandbox.apply({ maskedPaths: ["/climbing"], readonlyPaths: ["/absolute"] });
    const inside = ["", "/etc", "/etc/passwd"].map((path) => `${record.root}${path}`);
    expect(sandbox.mounted()).toEqual(inside);
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("cannot be the root", async () => {
    await expect(sandbox.apply({ maskedPaths: ["/"] })).rejects.toThrow("the root itself cannot be masked");
    await expect(sandbox.apply({ readonlyPaths: ["/folder/.."] })).rejects.toThrow("the root itself");
    expect([sandbox.mounted(), sandbox.leftovers()]).toEqual([[], []]);
  });
});

describe("a read-only path", () => {
  it("can be read and not written, and is as it was afterwards", async () => {
    const record = await sandbox.apply({ readonlyPaths: ["/folder"] });
    expect(readFileSync(join(record.root, "folder/file"), "utf8")).toBe("text");
    expect(write(join(record.root, "folder/file"))).toThrow(/EROFS/);
    await sandbox.undo(record);
    writeFileSync(join(sandbox.image, "folder/file"), "text");
    expect([sandbox.mounted(), sandbox.leftovers()]).toEqual([[], []]);
  });

  it.each(["kernel", "bindfs"] as const)(
    "of docker's list is protected with the %s driver",
    async (driver) => {
      const maskedPaths = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
      const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
      const record = await sandbox.apply({ driver, mounts: pseudoMounts, maskedPaths, readonlyPaths });
      const sysctl = join(record.root, "proc/sys/kernel/domainname");
      expect(write(sysctl)).toThrow(/EROFS/);
      expect(readFileSync(join(record.root, "proc/timer_list"), "utf8")).toBe("");
      await sandbox.undo(record);
      expect([sandbox.mounted(), sandbox.leftovers()]).toEqual([[], []]);
    },
  );
});
