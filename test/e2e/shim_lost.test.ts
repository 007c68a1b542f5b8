import { existsSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { census } = shared();

/** Longer than two looks of a daemon that nobody has asked for anything. */
const patience = 25_000;

/** With a root of its own: bindfs lets no two containers have one. */
const spec = async () => jailSpec({ rootfs: await copyRootfs(), args: ["sleep", "1000"] });

describe("a shim that containerd has lost", () => {
  it("ends when its bundle is gone and its container was never made, or ended by delete, and no sooner", async () => {
    const before = census.take();
    const start = async () => DirectShim.start({ spec: await spec() });
    const [unused, lost, kept] = await Promise.all([start(), start(), start()]);
    for (const { task } of [lost, kept]) {
      await task.create();
      await task.start();
    }
    const pids = await Promise.all([unused, lost].map(async ({ task }) => (await task.connect()).shimPid));
    // As containerd does for a shim that it cannot reach.
    await lost.shim.run("delete");
    await kept.task.kill(9);
    await kept.task.wait();
    for (const { shim } of [unused, lost]) rmSync(shim.bundle, { recursive: true });
    await expect.poll(() => pids.filter(isAlive), { timeout: patience }).toEqual([]);
    expect(existsSync(unused.shim.socket)).toBe(false);
    expect(await kept.task.state()).toMatchObject({ status: 3, exitStatus: 137 });
    await kept.task.delete();
    await kept.task.shutdown();
    await census.expectNoMoreThan(before);
  });

  it("ends at once when a creation is given up, with all that was made for it", async () => {
    const before = census.take();
    const { shim, task } = await DirectShim.start({ spec: await spec() });
    const { shimPid } = await task.connect();
    // Whose reader never comes: the creation would wait for it.
    const stdout = `${shim.bundle}/stdout`;
    await execa("mkfifo", [stdout]);
    const creation = expect(task.create({ stdout })).rejects.toThrow();
    await expect.poll(() => existsSync(`${shim.bundle}/mounts.journal`)).toBe(true);
    // As containerd does when its client has gone.
    await expect(task.delete()).rejects.toMatchObject({ code: 5 });
    await task.shutdown();
    task.client.close();
    await creation;
    await expect.poll(() => isAlive(shimPid), { timeout: 4_000 }).toBe(false);
    expect(existsSync(`${shim.bundle}/rund.json`)).toBe(false);
    await census.expectNoMoreThan(before);
  });

  it("ends when its bundle is gone and a creation failed late", async () => {
    const { shim, task } = await DirectShim.start({ spec: await spec() });
    const { shimPid } = await task.connect();
    const stdout = `${await testFolder()}/stdout`;
    await execa("mkfifo", [stdout]);
    // It waits ten seconds for a reader, while the daemon looks whether somebody still knows of it.
    const creation = task.create({ stdout }).catch(() => undefined);
    await expect.poll(() => existsSync(`${shim.bundle}/mounts.journal`)).toBe(true);
    await shim.run("delete");
    await rm(shim.bundle, { recursive: true });
    await creation;
    await expect.poll(() => isAlive(shimPid), { timeout: patience }).toBe(false);
  });

  it("leaves the socket of a new shim of the same container alone", async () => {
    const { shim, task } = await DirectShim.start({ spec: await spec() });
    const { shimPid } = await task.connect();
    await shim.run("delete");
    expect(existsSync(shim.socket)).toBe(false);
    await shim.run("start");
    const second = await shim.connect();
    expect((await second.connect()).shimPid).not.toBe(shimPid);
    await task.shutdown();
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(shim.socket)).toBe(true);
    await second.shutdown();
    await expect.poll(() => existsSync(shim.socket), { timeout: 10_000 }).toBe(false);
  });
});
