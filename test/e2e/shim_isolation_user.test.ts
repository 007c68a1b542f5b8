import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { census, daemons } = shared();
expectNothingLeft(census);

/** One user, and none of those that other tests have. */
const uid = 71_500;
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
