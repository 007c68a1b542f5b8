import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweepJail } from "../../src/container/sweep_jail.ts";
import { mountRecordOf } from "../../src/mount/mount_record.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { launcher } from "./launcher_under_test.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind, pseudoMounts } from "./mount_specs.ts";

let jail: BusyboxJail;
let sandbox: MountSandbox;

beforeEach(async () => {
  jail = await BusyboxJail.create();
  sandbox = await MountSandbox.create();
});

afterEach(async () => {
  sandbox.remove();
  await jail.remove();
});

describe.each(["kernel", "bindfs"] as const)("a sweep, with %s", (driver) => {
  it("ends what runs in the jail, and takes the mounts back", async () => {
    writeFileSync(join(sandbox.host, "file"), "of the host\n");
    const before = sandbox.tree(jail.root);
    const mounts = [...pseudoMounts, bind(sandbox.host, "/deep/data")];
    const record = await sandbox.apply({ driver, rootPath: jail.root, mounts });
    const child = spawn("chroot", [record.root, "/bin/sh", "-c", "trap '' TERM; echo; sleep 1000; :"]);
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    const logged = [...sandbox.log];
    const { emptied, undone } = sweepJail(record, [], sandbox.logger);
    await emptied;
    expect((await ended)[1]).toBe("SIGKILL");
    await undone;
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
    expect(sandbox.tree(jail.root)).toEqual(before);
    expect(sandbox.log).toEqual(logged);
  });
});

describe("a sweep", () => {
  it("of a jail of which nothing is there has nothing to do", async () => {
    rmSync(sandbox.bundle, { recursive: true });
    const { emptied, undone } = sweepJail(mountRecordOf(sandbox.bundle), [], sandbox.logger);
    await Promise.all([emptied, undone]);
    expect(sandbox.log).toEqual([]);
  });

  it("never takes the host for a jail, and still takes the mounts back", async () => {
    const record = await sandbox.apply({ mounts: pseudoMounts });
    const { emptied, undone } = sweepJail({ ...record, root: "/" }, [], sandbox.logger);
    await Promise.all([emptied, undone]);
    expect(sandbox.log.join()).toMatch(/processes are left/);
    expect(sandbox.mounted()).toEqual([]);
  });

  it.each([
    [["sweep"]],
    [["sweep", "--root", "/tmp", "--journal", "/tmp/none", "--timeout", "1"]],
    [["sweep", "--root", "/tmp", "--journal", "/tmp/none", "--timeout", "x", "--outputs", "0"]],
    [["sweep", "--root", "/tmp", "--journal", "/tmp/none", "--timeout", "1", "--outputs", "3"]],
  ])("answers a wrong command line with status 64: %j", (args) => {
    expect(() => execFileSync(launcher, args, { stdio: "pipe" })).toThrow(
      expect.objectContaining({ status: 64 }),
    );
  });
});
