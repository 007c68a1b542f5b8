import { totalmem } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { unpackAny } from "../../src/proto/any.ts";
import { Metrics } from "../../src/proto/generated/io/containerd/cgroups/v2/metrics.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { TaskShim } from "./support/task_shim.ts";

const { rootfs, census } = shared();
expectNothingLeft(census);

let shim: TaskShim;
beforeAll(async () => {
  shim = await TaskShim.start();
});
afterAll(() => shim.stop());

let id: string;
beforeEach(() => {
  id = uniqueId("stats");
});
afterEach(async () => {
  await shim.kill(id).catch(() => undefined);
  await shim.wait(id).catch(() => undefined);
  await shim.delete(id);
});

async function run(script: string): Promise<void> {
  await shim.create(id, rootfs, ["sh", "-c", script]);
  await shim.start(id);
}

async function stats() {
  const { stats: any } = await shim.stats(id);
  // containerd compares the name exactly.
  expect(any?.typeUrl).toBe("io.containerd.cgroups.v2.Metrics");
  const { pids, cpu, memory } = unpackAny(any ?? { typeUrl: "", value: new Uint8Array() }, Metrics);
  return {
    pids: Number(pids?.current),
    usage: Number(cpu?.usageUsec),
    parts: Number(cpu?.userUsec) + Number(cpu?.systemUsec),
    memory: Number(memory?.usage),
    limit: Number(memory?.usageLimit),
  };
}

it("counts processes and measures a busy loop", async () => {
  await run("sleep 1000 & while :; do :; done");
  await expect.poll(async () => (await stats()).usage, { timeout: 10_000 }).toBeGreaterThan(100_000);
  const { pids, usage, parts, limit } = await stats();
  expect(pids).toBe(2);
  expect(usage).toBe(parts);
  expect(usage).toBeLessThan(30_000_000);
  expect(limit).toBe(totalmem());
});

it("stands still while the container is paused", async () => {
  await run("while :; do :; done");
  await shim.pause(id);
  const { usage } = await stats();
  expect((await stats()).usage).toBe(usage);
});

it("keeps the processor time of execs that have ended", async () => {
  await run("sleep 1000");
  await shim.exec(id, "x", ["sh", "-c", "while :; do :; done"]);
  await shim.start(id, "x");
  await expect.poll(async () => (await stats()).usage, { timeout: 10_000 }).toBeGreaterThan(100_000);
  const { usage } = await stats();
  await shim.kill(id, "x");
  await shim.wait(id, "x");
  const after = await stats();
  expect(after.usage).toBeGreaterThanOrEqual(usage);
  expect(after.pids).toBe(1);
});

it("has the time of many short processes that no look has seen", async () => {
  const burn = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
  await run(`for n in 1 2 3 4 5; do sh -c '${burn}'; done; exec sleep 1000`);
  await expect.poll(async () => (await stats()).usage, { timeout: 10_000 }).toBeGreaterThanOrEqual(50_000);
});

it("measures memory, and what processes share only once", async () => {
  const eaten = 30_000_000;
  const eat = `v=$(head -c ${eaten} /dev/zero | tr '\\0' x)`;
  // Each of the shells in the background has the variable of the first one, and the same pages.
  await run(`${eat}; for n in 1 2 3 4; do (sleep 1000; :) & done; wait`);
  await expect.poll(async () => (await stats()).pids, { timeout: 10_000 }).toBe(9);
  const { memory } = await stats();
  expect(memory).toBeGreaterThan(eaten);
  expect(memory).toBeLessThan(3 * eaten);
});

it("of a container that has ended has its processor time and nothing else", async () => {
  await run("while :; do :; done");
  await expect.poll(async () => (await stats()).usage, { timeout: 10_000 }).toBeGreaterThan(50_000);
  const { usage } = await stats();
  await shim.kill(id);
  await shim.wait(id);
  const after = await stats();
  expect(after).toMatchObject({ pids: 0, memory: 0 });
  expect(after.usage).toBeGreaterThanOrEqual(usage);
});
