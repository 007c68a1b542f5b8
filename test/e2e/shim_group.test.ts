import { existsSync, readFileSync, statSync } from "node:fs";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { Daemons } from "../harness/daemons.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive, processesWith, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";
import type { ShimTask } from "./support/shim_task.ts";

const { mountDriver, rootfs } = shared();

const grouping = { RUND_GROUPING: "1" };
const runcGroup = "io.containerd.runc.v2.group";
const sandbox = "io.kubernetes.cri.sandbox-id";

/** Bundles beside one another, of the same containerd, as those of one group are. */
async function members(...annotations: readonly Record<string, string>[]): Promise<DirectShim[]> {
  const folder = await testFolder();
  return Promise.all(
    annotations.map(async (own) => {
      // bindfs lets no two containers have one root.
      const spec = { ...jailSpec({ rootfs: await copyRootfs(), args: ["sleep", "1000"] }), annotations: own };
      return DirectShim.bundle({ spec, folder, env: grouping });
    }),
  );
}

async function start(shim: DirectShim): Promise<ShimTask> {
  const { stdout, stderr } = await shim.run("start");
  expect(stderr).toBe("");
  return shim.connect(stdout.slice("unix://".length));
}

async function run(shim: DirectShim): Promise<ShimTask> {
  const task = await start(shim);
  await task.create();
  await task.start();
  return task;
}

/** Ends a container as containerd does. */
async function end(shim: DirectShim, task: ShimTask): Promise<void> {
  await task.kill(9);
  await task.wait();
  await task.delete();
  // Another container's Shutdown may have ended the shim already; containerd takes a closed connection for the answer.
  await task.shutdown().catch(({ message }: Error) => expect(message).toBe("ttrpc: closed"));
  task.client.close();
  await shim.run("delete");
}

describe("containers of one group", () => {
  it.each([
    ["runc's annotation", { [runcGroup]: "g" }, { [runcGroup]: "g" }],
    ["a sandbox", { [sandbox]: "g" }, { [sandbox]: "g" }],
    ["either", { [runcGroup]: "g", [sandbox]: "other" }, { [sandbox]: "g" }],
  ])("by %s share one shim, which lives until the last is gone", async (_what, one, other) => {
    const [first, second] = (await members(one, other)) as [DirectShim, DirectShim];
    const firstTask = await run(first);
    const secondTask = await run(second);
    const { shimPid } = await firstTask.connect();
    expect((await secondTask.connect()).shimPid).toBe(shimPid);
    const socket = readFileSync(`${first.bundle}/address`, "utf8").slice("unix://".length);
    expect(readFileSync(`${second.bundle}/address`, "utf8")).toBe(`unix://${socket}`);

    await end(first, firstTask);
    expect(existsSync(socket)).toBe(true);
    expect(await secondTask.state()).toMatchObject({ id: second.id, status: 2 });

    await end(second, secondTask);
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(socket)).toBe(false);
  });

  it("that are started while the shim is about to end have a shim all the same", async () => {
    const shims = await members(...Array.from({ length: 6 }, () => ({ [runcGroup]: "g" })));
    let before = await run(shims[0] as DirectShim);
    for (const [index, shim] of shims.slice(1).entries()) {
      const [task] = await Promise.all([run(shim), end(shims[index] as DirectShim, before)]);
      expect(await task.state()).toMatchObject({ id: shim.id, status: 2 });
      before = task;
    }
    await end(shims.at(-1) as DirectShim, before);
  });

  it("that are all started at once share one shim", async () => {
    const shims = await members(...Array.from({ length: 5 }, () => ({ [runcGroup]: "g" })));
    const tasks = await Promise.all(shims.map(run));
    const pids = await Promise.all(tasks.map(async (task) => (await task.connect()).shimPid));
    expect(new Set(pids).size).toBe(1);
    await Promise.all(shims.map((shim, index) => end(shim, tasks[index] as ShimTask)));
    await expect.poll(() => isAlive(pids[0] ?? 0), { timeout: 10_000 }).toBe(false);
  });

  it("all get the panic log, and the log goes on when the first is gone", async () => {
    const [first, second] = (await members({ [runcGroup]: "g" }, { [runcGroup]: "g" })) as [
      DirectShim,
      DirectShim,
    ];
    await execa("mkfifo", [`${first.bundle}/log`, `${second.bundle}/log`]);
    const readers = [first, second].map((shim) => execa("cat", [`${shim.bundle}/log`], { reject: false }));
    onTestFinished(() => {
      for (const reader of readers) reader.kill();
    });
    const firstTask = await run(first);
    const secondTask = await run(second);
    expect(statSync(`${first.bundle}/panic.log`).ino).toBe(statSync(`${second.bundle}/panic.log`).ino);
    await end(first, firstTask);
    const { shimPid } = await secondTask.connect();
    process.kill(shimPid, "SIGUSR1");
    await secondTask.connect();
    await end(second, secondTask);
    expect((await readers[1])?.stdout).toContain("shim: state");
  });

  it("lose nothing but their shim when it is killed, and each is cleaned up by its own delete", async () => {
    const [first, second] = (await members({ [runcGroup]: "g" }, { [runcGroup]: "g" })) as [
      DirectShim,
      DirectShim,
    ];
    const firstTask = await run(first);
    const secondTask = await run(second);
    const pids = [(await firstTask.connect()).taskPid, (await secondTask.connect()).taskPid];
    const { shimPid } = await firstTask.connect();
    process.kill(shimPid, "SIGKILL");
    await firstTask.client.closed;
    await first.run("delete");
    expect(pids.map(isAlive)).toEqual([false, true]);
    await second.run("delete");
    expect(pids.map(isAlive)).toEqual([false, false]);
    const socket = readFileSync(`${second.bundle}/address`, "utf8").slice("unix://".length);
    expect(existsSync(socket)).toBe(false);
  });
});

describe("a container", () => {
  it("of no group has a shim of its own", async () => {
    const [first, second] = (await members({}, {})) as [DirectShim, DirectShim];
    const pids = [await (await start(first)).connect(), await (await start(second)).connect()];
    expect(pids[0]?.shimPid).not.toBe(pids[1]?.shimPid);
  });

  it("has a shim of its own unless grouping is asked for", async () => {
    const spec = { ...jailSpec({ rootfs, args: ["sleep", "1000"] }), annotations: { [runcGroup]: "g" } };
    const shim = await DirectShim.bundle({ spec });
    expect((await shim.run("start")).stdout).toBe(`unix://${shim.socket}`);
  });

  it("of a group that is no name is refused", async () => {
    const [shim] = (await members({ [runcGroup]: "../g" })) as [DirectShim];
    const result = await shim.run("start");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/group "..\/g": must be letters/);
    expect(shimPids(shim.id)).toEqual([]);
  });
});

describe("containerd", () => {
  it("runs a group, and finds it again after a restart", async () => {
    await using daemons = await Daemons.start({
      docker: false,
      env: { RUND_MOUNT_DRIVER: mountDriver, ...grouping },
    });
    const { ctr, census } = daemons;
    const before = census.take();
    const group = uniqueId("group");
    const flags = ["--annotation", `${runcGroup}=${group}`];
    const ids = [await ctr.startContainer(["sleep", "1000"], { flags })];
    ids.push(await ctr.startContainer(["sleep", "1000"], { flags }));
    const isShim = ({ args }: { args: readonly string[] }) => args.at(-1) === "daemon";
    expect(processesWith(daemons.folder).filter(isShim)).toHaveLength(1);
    await daemons.containerd.restart();
    for (const id of ids) {
      expect((await ctr.ok(["task", "exec", "--exec-id", "x", id, "echo", "hi"])).stdout).toBe("hi\n");
      await ctr.remove(id);
    }
    await census.expectNoMoreThan(before, 15_000);
  });
});
