import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { DirectShim } from "../e2e/support/direct_shim.ts";
import { isAlive } from "../e2e/support/host_processes.ts";
import { jailSpec } from "../e2e/support/jail_spec.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared } from "../harness/shared.ts";

const { census } = shared();
expectNothingLeft(census);

const script = "setsid sleep 1000 & (trap '' TERM; sleep 1000) & sleep 1000";

/** Removes every file of a bundle, but nothing through a mount. */
async function removeFiles(bundle: string): Promise<void> {
  for (const name of readdirSync(bundle))
    if (name !== "rootfs") await rm(`${bundle}/${name}`, { recursive: true });
}

/** As containerd removes a bundle: the mounts first, which may be in use, then all. */
async function removeWhole(bundle: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target.startsWith(`${bundle}/`));
  // The shim takes them back at the same time, maybe.
  for (const target of mounts.reverse()) await execa("umount", ["-l", target], { reject: false });
  await rm(bundle, { recursive: true });
}

describe.each(["kernel", "bindfs"])("with the %s driver, when, under a shim,", (driver) => {
  describe.each([
    ["all files of whose bundle", removeFiles],
    ["whose bundle with its mounts", removeWhole],
  ])("%s are removed", (_what, remove) => {
    const start = async () => {
      const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sh", "-c", script] });
      return DirectShim.start({ spec, env: { RUND_MOUNT_DRIVER: driver } });
    };

    it("a created container is deleted, and nothing is left", async () => {
      const before = census.take();
      const { shim, task } = await start();
      await task.create();
      await remove(shim.bundle);
      expect(await task.delete()).toMatchObject({ exitStatus: 137 });
      await task.shutdown();
      await census.expectNoMoreThan(before);
    });

    it("a running container is ended and deleted, and nothing is left", async () => {
      const before = census.take();
      const { shim, task } = await start();
      const { pid } = await task.create();
      await task.start();
      await remove(shim.bundle);
      await task.kill(9);
      expect(await task.wait()).toMatchObject({ exitStatus: 137 });
      expect(isAlive(pid)).toBe(false);
      expect(await task.delete()).toMatchObject({ exitStatus: 137 });
      await task.shutdown();
      await census.expectNoMoreThan(before);
    });

    it("a stopped container is deleted, and nothing is left", async () => {
      const before = census.take();
      const { shim, task } = await start();
      await task.create();
      await task.start();
      await task.kill(9);
      await task.wait();
      await remove(shim.bundle);
      expect(await task.delete()).toMatchObject({ exitStatus: 137 });
      await task.shutdown();
      await census.expectNoMoreThan(before);
    });
  });
});
