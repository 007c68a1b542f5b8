import { readdir } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { DirectShim } from "../e2e/support/direct_shim.ts";
import { shimPid } from "../e2e/support/host_processes.ts";
import { jailSpec } from "../e2e/support/jail_spec.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { type Shortage, SmallDisk } from "./support/small_disk.ts";

const { census, ctr, daemons, rootfs } = shared();
expectNothingLeft(census);

const full = /no space left on device/i;

/** From nothing at all to more than all that a container's files need. */
const leftovers = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12];

const shortages: readonly Shortage[] = ["space", "inodes"];

// The first, since it leaves shims that containerd could not write down: they end by themselves, ten seconds after their
// bundles, which are over when the others have run.
it.each(shortages)("on a disk short of %s containerd gets a container or an error", async (shortage) => {
  const { disk, small } = await smallState();
  const outcomes: boolean[] = [];
  for (const left of [...leftovers, 16, 24]) {
    disk.fill(shortage, left);
    const id = uniqueId("full");
    const result = await small.runContainer(["sh", "-c", "exit 5"], { id, rootfs });
    await small.remove(id);
    if (result.exitCode !== 5) expect(result.stderr).toMatch(full);
    outcomes.push(result.exitCode === 5);
  }
  expect(new Set(outcomes)).toEqual(new Set([true, false]));
});

describe.each(shortages)("on a disk short of %s", (shortage) => {
  it("a shim makes a whole container or none, and goes on", async () => {
    const disk = await SmallDisk.mount(await testFolder());
    const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sh", "-c", "exit 5"] });
    const { shim, task } = await DirectShim.start({ folder: disk.path, spec });
    const before = census.take();
    const files = await readdir(shim.bundle);
    for (const left of leftovers) {
      disk.fill(shortage, left);
      const created = await task.create().then(
        () => true,
        ({ message }: Error) => expect(message).toMatch(full),
      );
      if (created === true) {
        // From here on it has to do without.
        disk.fill(shortage, 0);
        await task.start();
        expect(await task.wait()).toMatchObject({ exitStatus: 5 });
        expect(await task.delete()).toMatchObject({ exitStatus: 5 });
      }
      await census.expectNoMoreThan(before);
      expect(await readdir(shim.bundle)).toEqual(files);
    }
    disk.empty();
    await task.create();
    await task.start();
    expect(await task.wait()).toMatchObject({ exitStatus: 5 });
    await task.delete();
    await task.shutdown();
  });

  it("a container that ran before runs on, takes execs and ends", async () => {
    const { disk, small } = await smallState();
    const before = census.take();
    const id = uniqueId("full");
    onTestFinished(() => small.remove(id));
    const client = small.spawn(
      small.runArguments(["sh", "-c", "echo up; read -r x; exit 6"], { id, rootfs }, "--rm"),
    );
    await client.waitFor(/up/);
    disk.fill(shortage, 0);
    const exec = await small.ok(["task", "exec", "--exec-id", "e", id, "echo", "hello"]);
    expect(exec.stdout).toBe("hello\n");
    client.stdin.end("\n");
    expect((await client.result).exitCode).toBe(6);
    await census.expectNoMoreThan(before);
  });

  it("nothing is left of a container whose shim is killed", async () => {
    const { disk, small } = await smallState();
    const before = census.take();
    const id = uniqueId("full");
    onTestFinished(() => small.remove(id));
    const script = "setsid sleep 1000 & echo up; sleep 1000";
    const client = small.spawn(small.runArguments(["sh", "-c", script], { id, rootfs }, "--rm"), {
      input: "",
    });
    await client.waitFor(/up/);
    disk.fill(shortage, 0);
    process.kill(shimPid(id), "SIGKILL");
    expect((await client.result).exitCode).not.toBe(0);
    await census.expectNoMoreThan(before, 15_000);
  });
});

/** A namespace of containerd whose bundles are on a small disk. */
async function smallState() {
  const namespace = uniqueId("small");
  const disk = await SmallDisk.mount(`${daemons.state}/io.containerd.runtime.v2.task/${namespace}`);
  return { disk, small: ctr.withNamespace(namespace) };
}
