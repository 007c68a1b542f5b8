import { existsSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Status } from "../../src/proto/generated/containerd/types/task.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { processState } from "./support/host_processes.ts";
import { TaskShim } from "./support/task_shim.ts";

const { census } = shared();
expectNothingLeft(census);

let shim: TaskShim;
beforeAll(async () => {
  shim = await TaskShim.start();
});
afterAll(() => shim.stop());

let id: string;
let rootfs: string;
beforeEach(async () => {
  id = uniqueId("pause");
  rootfs = await copyRootfs();
});
afterEach(async () => {
  await shim.kill(id).catch(() => undefined);
  await shim.wait(id).catch(() => undefined);
  await shim.delete(id);
});

const script = (text: string) => ["sh", "-c", text];
const append = (name: string) => `while :; do echo x >>/${name}; done`;
const size = (name: string) => statSync(`${rootfs}/${name}`, { throwIfNoEntry: false })?.size ?? 0;
const grows = (name: string, from = 0) => expect.poll(() => size(name)).toBeGreaterThan(from);

async function run(args: readonly string[]): Promise<number> {
  const pid = await shim.create(id, rootfs, args);
  await shim.start(id);
  return pid;
}

it("stops the init, its background sessions and execs, and lets them go on", async () => {
  await run(script(`setsid sh -c '${append("background")}' & ${append("init")}`));
  await shim.exec(id, "x", script(append("exec")));
  await shim.start(id, "x");
  const names = ["background", "init", "exec"];
  for (const name of names) await grows(name);
  await shim.pause(id);
  const sizes = names.map(size);
  expect((await shim.state(id)).status).toBe(Status.PAUSED);
  expect((await shim.state(id, "x")).status).toBe(Status.PAUSED);
  await delay(100);
  expect(names.map(size)).toEqual(sizes);
  await shim.resume(id);
  expect((await shim.state(id)).status).toBe(Status.RUNNING);
  expect((await shim.state(id, "x")).status).toBe(Status.RUNNING);
  for (const [index, name] of names.entries()) await grows(name, sizes[index]);
});

it("is told in events, once each", async () => {
  await run(["sleep", "1000"]);
  await shim.pause(id);
  await shim.resume(id);
  const told = ["/tasks/create", "/tasks/start", "/tasks/paused", "/tasks/resumed"];
  await expect.poll(() => shim.events.topics.slice(-told.length)).toEqual(told);
});

it("holds back a signal until it is over, but not KILL", async () => {
  await run(script(`trap 'echo x >>/trapped' USR1; echo x >/ready; ${append("init")}`));
  await grows("ready");
  await shim.pause(id);
  await shim.kill(id, "", 10);
  await delay(50);
  expect(existsSync(`${rootfs}/trapped`)).toBe(false);
  await shim.resume(id);
  await grows("trapped");
  await shim.pause(id);
  await shim.kill(id);
  expect((await shim.wait(id)).exitStatus).toBe(137);
});

it("is not ended by CONT, nor does it swallow STOP", async () => {
  const pid = await run(["sleep", "1000"]);
  await shim.pause(id);
  await shim.kill(id, "", 18);
  await shim.kill(id, "", 18, true);
  expect(processState(pid)).toBe("T");
  await shim.kill(id, "", 19);
  await shim.resume(id);
  await expect.poll(() => processState(pid)).toBe("T");
  await shim.kill(id, "", 18);
  await expect.poll(() => processState(pid)).toBe("S");
});

it("leaves a process stopped that was stopped before", async () => {
  const pid = await run(["sleep", "1000"]);
  await shim.kill(id, "", 19);
  await expect.poll(() => processState(pid)).toBe("T");
  await shim.pause(id);
  await shim.resume(id);
  expect(processState(pid)).toBe("T");
  await shim.pause(id);
  await shim.kill(id, "", 18);
  await shim.resume(id);
  await expect.poll(() => processState(pid)).toBe("S");
});

it("lets an exec be killed and deleted meanwhile", async () => {
  await run(["sleep", "1000"]);
  await shim.exec(id, "x", ["sleep", "1000"]);
  await shim.start(id, "x");
  await shim.pause(id);
  await shim.kill(id, "x");
  expect((await shim.wait(id, "x")).exitStatus).toBe(137);
  await shim.delete(id, "x");
  expect((await shim.state(id)).status).toBe(Status.PAUSED);
  await shim.resume(id);
});

it("can be asked for many times at once, and one of them does it", async () => {
  await run(script(append("init")));
  const answers = await Promise.allSettled(Array.from({ length: 5 }, () => shim.pause(id)));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect((await shim.state(id)).status).toBe(Status.PAUSED);
});

it("races with the end of the init without a wrong state", async () => {
  await run(["sleep", "1000"]);
  const ended = shim.wait(id);
  const calls = [shim.pause(id), shim.kill(id), shim.resume(id), shim.pause(id)];
  await Promise.allSettled(calls);
  expect((await ended).exitStatus).toBe(137);
  expect((await shim.state(id)).status).toBe(Status.STOPPED);
});
