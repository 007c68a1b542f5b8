import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { readUserPool } from "../../src/container/user/user_pool.ts";
import type { Spec } from "../../src/oci/spec.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { census, daemons } = shared();
expectNothingLeft(census);

/** One user, and none of those that other tests have, here or in a run beside this one. */
const uid = readUserPool(process.env).last + 1;
const env = { PATH: daemons.path, RUND_USERS: `${uid}-${uid}` };

async function start() {
  const spec: Spec = jailSpec({ rootfs: await copyRootfs(), args: ["sleep", "1000"] });
  return DirectShim.start({ spec: { ...spec, annotations: { "dev.rund.isolation": "user" } }, env });
}

const isThere = () => readFileSync("/etc/passwd", "utf8").includes(`rund-${uid}:`);
const homes = () => readdirSync("/run/rund-homes").filter((name) => name.startsWith(String(uid)));

describe("the only user", () => {
  it("is one container's at a time", async () => {
    const [first, second] = [await start(), await start()];
    await first.task.create();
    expect(isThere()).toBe(true);
    await expect(second.task.create()).rejects.toMatchObject({
      code: 8,
      message: "user: all 1 users for jails are in use (RUND_USERS)",
    });
    await first.task.delete();
    expect(isThere()).toBe(false);
    await second.task.create();
    await second.task.delete();
    for (const { task } of [first, second]) await task.shutdown();
  });

  it("is taken back when the machine was restarted: then nobody says whose it is", async () => {
    await execa("useradd", ["--uid", String(uid), "--no-create-home", "--no-log-init", `rund-${uid}`]);
    onTestFinished(() => void spawnSync("userdel", [`rund-${uid}`]));
    const stray = spawn("sleep", ["1000"], { uid, stdio: "ignore" });
    const ended = once(stray, "exit");
    const { task } = await start();
    await task.create();
    expect((await ended)[1]).toBe("SIGKILL");
    await task.delete();
    await task.shutdown();
    expect(isThere()).toBe(false);
  });

  it("is taken back from a bundle that is another container's by now, which stays as it is", async () => {
    const { shim, task } = await start();
    await task.create();
    for (const pid of shimPids(shim.id)) {
      process.kill(pid, "SIGKILL");
      await expect.poll(() => isAlive(pid)).toBe(false);
    }
    rmSync(shim.bundle, { recursive: true });
    rmSync(shim.socket, { force: true });
    const folder = dirname(shim.bundle);
    const mounts = [{ destination: "/data", type: "bind", source: await testFolder(), options: ["rbind"] }];
    const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sleep", "1000"], mounts });
    const other = await DirectShim.start({ spec, id: shim.id, folder, env: { PATH: daemons.path } });
    await other.task.create();
    const mounted = () =>
      readFileSync("/proc/mounts", "utf8")
        .split("\n")
        .filter((line) => line.includes(folder));
    const before = mounted();
    const next = await start();
    await next.task.create();
    expect(mounted()).toEqual(before);
    for (const ended of [next, other]) {
      await ended.task.delete();
      await ended.task.shutdown();
    }
  });

  // The creation takes about a third of a second.
  it.each([5, 20, 40, 60, 80, 100, 130, 160, 200, 300])(
    "is free again when the shim was killed %i ms after it was asked for a container",
    async (milliseconds) => {
      const { shim, task } = await start();
      const creation = task.create().then(
        () => task.start().catch(() => undefined),
        () => undefined,
      );
      await delay(milliseconds);
      for (const pid of shimPids(shim.id)) {
        process.kill(pid, "SIGKILL");
        await expect.poll(() => isAlive(pid)).toBe(false);
      }
      await creation;
      // As containerd does when it has lost a shim.
      expect(await shim.run("delete")).toMatchObject({ exitCode: 0 });
      const next = await start();
      await next.task.create();
      await next.task.delete();
      await next.task.shutdown();
      expect(isThere()).toBe(false);
      expect(homes()).toEqual([]);
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(`/run/rund-homes/${uid}`);
    },
  );
});
