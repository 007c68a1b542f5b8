import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Daemons } from "../harness/daemons.ts";
import type { Census } from "../harness/host_census.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer, type ApiContainerOptions } from "./support/api_container.ts";
import type { ApiProcess } from "./support/api_process.ts";
import { isAlive } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { mountDriver } = shared();

let world: Daemons;
let empty: Census;

beforeAll(async () => {
  world = await Daemons.start({ docker: false, env: { RUND_MOUNT_DRIVER: mountDriver } });
  empty = world.census.take();
});

afterAll(async () => {
  // A shim that was just being started when containerd died looks for its bundle every few seconds only.
  await world.census.expectNoMoreThan(empty, 30_000);
  await world.stop();
});

/** With a root of its own: bindfs lets no two containers have one. */
async function create(
  args: readonly string[],
  options: ApiContainerOptions = { nullIo: true },
): Promise<ApiContainer> {
  return ApiContainer.create(world.api, jailSpec({ rootfs: await copyRootfs(), args }), options);
}

/** Ends on a line of input with the code that the line says; says "alive" on an empty one. */
const script = 'echo ready; while read -r x; do case "$x" in "") echo alive;; *) exit "$x";; esac; done';

async function obedient(): Promise<ApiContainer> {
  const container = await create(["sh", "-c", script], { stdin: true });
  await container.start();
  await container.stdio?.stdout.waitFor(/ready/);
  return container;
}

async function expectObedience(container: ApiContainer, exitStatus: number): Promise<void> {
  container.stdio?.write("\n");
  await container.stdio?.stdout.waitFor(/alive/);
  const ended = container.wait();
  container.stdio?.write(`${exitStatus}\n`);
  expect(await ended).toMatchObject({ exitStatus });
  expect(await container.delete()).toMatchObject({ exitStatus });
}

/** containerd ends, by default without notice, and comes back; `meanwhile` happens while it is away. */
async function restart(
  how: "kill" | "stop" = "kill",
  meanwhile = async (): Promise<void> => {},
): Promise<void> {
  await world.containerd[how]();
  await meanwhile();
  await world.containerd.start();
  await reconnected();
}

/** The client's connection comes back by itself, but not at once. */
async function reconnected(): Promise<void> {
  const answers = () =>
    world.api.tasks.list({}).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 20_000 }).toBe(true);
}

async function untilDead(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
}

const milliseconds = (time: { seconds: number; nanos: number } | null) =>
  time === null ? Number.NaN : time.seconds * 1000 + time.nanos / 1e6;

describe("after a restart of containerd", () => {
  it("containers that were being made when it died can be removed, whatever was done of them", async () => {
    const { ctr } = world;
    const ids = Array.from({ length: 8 }, () => uniqueId("half"));
    const clients = ids.map((id) =>
      ctr.spawn(ctr.runArguments(["sleep", "1000"], { id }, "-d", "--null-io")),
    );
    // The first of them is there: the others are at any point between nothing and that.
    await Promise.race(clients.map(({ result }) => result));
    await restart();
    await Promise.all(clients.map(({ result }) => result));
    for (const { id, status } of await ctr.tasks()) {
      expect.soft(ids).toContain(id);
      expect.soft(["CREATED", "RUNNING"]).toContain(status);
    }
    for (const id of ids) await ctr.remove(id);
    expect(await ctr.tasks()).toEqual([]);
  });

  it.each(["kill", "stop"] as const)(
    "every task and exec is there as it was, and goes on (%s)",
    async (how) => {
      const created = await create(["sh", "-c", "exit 4"]);
      const running = await obedient();
      const paused = await obedient();
      await world.api.tasks.pause({ containerId: paused.id });
      const stopped = await create(["sh", "-c", "exit 3"]);
      await stopped.finish();
      const addedExec = await running.exec(["sh", "-c", "echo hi; exit 5"]);
      const runningExec = await running.exec(["sh", "-c", "read -r x; exit 6"], { stdin: true });
      await runningExec.start();
      const stoppedExec = await running.exec(["sh", "-c", "exit 7"], { nullIo: true });
      await stoppedExec.finish();

      const all = [created, running, paused, stopped, addedExec, runningExec, stoppedExec];
      const states = () => Promise.all(all.map((one) => one.state()));
      const before = await states();
      const statuses = ["CREATED", "RUNNING", "PAUSED", "STOPPED", "CREATED", "RUNNING", "STOPPED"];
      expect(before.map(({ status }) => status)).toEqual(statuses);
      await restart(how);
      expect(await states()).toEqual(before);

      expect(await created.finish()).toMatchObject({ exitCode: 4 });
      const { exitedAt } = before[3] ?? {};
      expect(await stopped.wait()).toMatchObject({ exitStatus: 3, exitedAt });
      expect(await stopped.delete()).toMatchObject({ exitStatus: 3, exitedAt });
      expect(await addedExec.finish()).toMatchObject({ exitCode: 5, stdout: "hi\n" });
      const execEnded = runningExec.wait();
      runningExec.stdio?.write("go\n");
      expect(await execEnded).toMatchObject({ exitStatus: 6 });
      expect(await stoppedExec.delete()).toMatchObject({ exitStatus: 7 });
      await world.api.tasks.resume({ containerId: paused.id });
      await expectObedience(paused, 41);
      await expectObedience(running, 42);
      await created.delete();
    },
  );

  it("what ended meanwhile has its exit code and time, and can be deleted", async () => {
    const init = await obedient();
    const paused = await obedient();
    await world.api.tasks.pause({ containerId: paused.id });
    const withExec = await obedient();
    const exec = await withExec.exec([
      "sh",
      "-c",
      "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done",
    ]);
    await exec.start();
    await exec.stdio?.stdout.waitFor(/ready/);
    const pids = await Promise.all([init, paused, exec].map(async (one) => (await one.state()).pid));
    const [initPid = 0, pausedPid = 0, execPid = 0] = pids;
    let from = 0;
    let to = 0;
    await restart("kill", async () => {
      from = Date.now();
      init.stdio?.write("43\n");
      process.kill(pausedPid, "SIGKILL");
      process.kill(execPid, "SIGTERM");
      for (const pid of [initPid, pausedPid, execPid]) await untilDead(pid);
      to = Date.now();
    });
    for (const [one, exitStatus] of [
      [init, 43],
      [paused, 137],
      [exec, 9],
    ] as const) {
      expect(await one.state()).toMatchObject({ status: "STOPPED", exitStatus });
      const end = await one.wait();
      expect(end.exitStatus).toBe(exitStatus);
      expect(milliseconds(end.exitedAt)).toBeGreaterThanOrEqual(from);
      // The shim sees an end a moment after the process table shows it.
      expect(milliseconds(end.exitedAt)).toBeLessThanOrEqual(to + 500);
      expect(await one.delete()).toMatchObject({ ...end });
    }
    await expectObedience(withExec, 44);
  });

  it("an attached client is lost, and the next one finds the process and its stdio", async () => {
    const { ctr } = world;
    const id = await ctr.startContainer(["sh", "-c", script]);
    onTestFinished(() => ctr.remove(id));
    const client = ctr.spawn(["task", "attach", id]);
    client.stdin.write("\n");
    await client.waitFor(/alive/);
    await restart();
    client.kill();
    await client.result;
    const next = ctr.spawn(["task", "attach", id]);
    next.stdin.write("\n");
    await next.waitFor(/alive/);
    next.stdin.write("45\n");
    expect((await next.result).exitCode).toBe(45);
  });
});

describe("events", () => {
  it("of what happens after a restart of containerd come as before it", async () => {
    const container = await obedient();
    await restart();
    const events = await world.api.subscribe();
    onTestFinished(() => events.close());
    await (await container.exec(["true"], { execId: "x", nullIo: true })).finish();
    container.stdio?.write("46\n");
    const exit = await events.waitFor(({ topic, event }) => {
      return topic === "/tasks/exit" && event["id"] === container.id;
    });
    expect(exit.event).toMatchObject({ containerId: container.id, exitStatus: 46 });
    const topics = events.seen.map(({ topic }) => topic);
    expect(topics).toEqual(["/tasks/exec-added", "/tasks/exec-started", "/tasks/exit", "/tasks/exit"]);
  });

  it("of what happened while it was away arrive when it is back, once each and in order", async () => {
    const container = await obedient();
    const execIds = [1, 2, 3].map((number) => `${container.id}-${number}`);
    const processes: ApiProcess[] = [];
    for (const execId of execIds) {
      const exec = await container.exec(["sleep", "1000"], { execId, nullIo: true });
      await exec.start();
      processes.push(exec);
    }
    processes.push(container);
    const pids = await Promise.all(processes.map(async (one) => (await one.state()).pid));
    await world.containerd.kill();
    for (const pid of pids) {
      process.kill(pid, "SIGKILL");
      await untilDead(pid);
    }
    await world.containerd.start();
    await reconnected();
    const events = await world.api.subscribe();
    onTestFinished(() => events.close());
    await events.waitFor(({ event }) => event["id"] === container.id);
    expect(events.seen.map(({ topic }) => topic)).toEqual(pids.map(() => "/tasks/exit"));
    expect(events.seen.map(({ event }) => event["id"])).toEqual([...execIds, container.id]);
  });
});
