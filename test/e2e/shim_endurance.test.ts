import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";
import { descriptorCount } from "./support/host_processes.ts";
import { TaskShim } from "./support/task_shim.ts";

const { rootfs, census } = shared();
expectNothingLeft(census);

/** `RUND_TEST_EXECS=10000` takes more than a minute. */
const execs = Number(process.env["RUND_TEST_EXECS"] ?? 2_000);
/** As many as a busy client has at once; the first ones also bring in all code that the others run. */
const width = 4;

/** Memory of a process that nobody shares with it, in KiB. */
function privateMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

it(`serves ${execs} execs with the memory and the descriptors of the first`, {
  timeout: 900_000,
}, async () => {
  const shim = await TaskShim.start();
  onTestFinished(() => shim.stop());
  await shim.create("long", rootfs, ["sleep", "10000"]);
  await shim.start("long");
  let next = 0;
  const serve = async (until: number) => {
    while (next < until) {
      const id = `x${next++}`;
      await shim.exec("long", id, ["true"]);
      const ended = shim.wait("long", id);
      await shim.start("long", id);
      expect((await ended).exitStatus).toBe(0);
      await shim.delete("long", id);
    }
  };
  const batch = (until: number) => Promise.all(Array.from({ length: width }, () => serve(until)));
  await batch(20);
  const before = { memory: privateMemory(shim.pid), descriptors: descriptorCount(shim.pid) };
  const marks: number[] = [];
  for (let part = 1; part <= 10; part++) {
    await batch(20 + (execs * part) / 10);
    marks.push(privateMemory(shim.pid));
  }
  // With the growth, a person sees whether it goes on.
  console.log(`private memory in KiB: ${before.memory} before, then ${marks.join(" ")}`);
  await expect.poll(() => descriptorCount(shim.pid)).toBeLessThanOrEqual(before.descriptors);
  expect(privateMemory(shim.pid)).toBeLessThan(1.5 * before.memory);
  await shim.kill("long");
  await shim.wait("long");
  await shim.delete("long");
});
