import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { expect, it } from "vitest";
import { DirectShim } from "../e2e/support/direct_shim.ts";
import { jailSpec } from "../e2e/support/jail_spec.ts";
import { BackgroundCommand } from "../harness/background_command.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { WallClock } from "./support/wall_clock.ts";

const { census } = shared();
expectNothingLeft(census);

const day = 86_400;

/** A shim whose clock can be put, and a fifo for its container's output. */
async function startShim() {
  const folder = await testFolder();
  const clock = await WallClock.make(folder);
  const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sh", "-c", "echo out; exit 5"] });
  const { task } = await DirectShim.start({ spec, env: clock.env });
  const stdout = `${folder}/stdout`;
  await execa("mkfifo", [stdout]);
  return { clock, task, stdout };
}

type Started = Awaited<ReturnType<typeof startShim>>;

/** Milliseconds that a creation took. */
async function timeOf(creation: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await creation;
  return performance.now() - began;
}

/** Runs the container to its end; answers the second in which that was, by the shim's word. */
async function finish({ task }: Started): Promise<number> {
  await task.start();
  const { exitStatus, exitedAt } = await task.wait();
  expect(exitStatus).toBe(5);
  await task.delete();
  await task.shutdown();
  return Number(exitedAt?.seconds ?? 0n);
}

const now = () => Math.round(Date.now() / 1000);

it("a clock that jumps forward or back leaves the ten seconds' wait for an output's reader as long as it is", async () => {
  const [forward, back] = await Promise.all([startShim(), startShim()]);
  await Promise.all([jumpForward(forward), jumpBack(back)]);
});

/** The wait goes on until the reader comes. */
async function jumpForward(shim: Started): Promise<void> {
  const { clock, task, stdout } = shim;
  let isCreated = false;
  const creation = task.create({ stdout }).then(() => {
    isCreated = true;
  });
  await delay(300);
  clock.jumpTo(day);
  await delay(1_000);
  expect(isCreated).toBe(false);
  const reader = new BackgroundCommand("cat", [stdout], { input: "" });
  await creation;
  // That the shim lives by this clock is seen in what it tells.
  expect(Math.abs((await finish(shim)) - now() - day)).toBeLessThan(60);
  expect((await reader.result).stdout).toBe("out\n");
}

/** No reader comes, and the wait ends. */
async function jumpBack(shim: Started): Promise<void> {
  const creation = timeOf(shim.task.create({ stdout: shim.stdout }));
  await delay(300);
  shim.clock.jumpTo(-day);
  const took = await creation;
  expect(took).toBeGreaterThan(9_000);
  expect(took).toBeLessThan(20_000);
  expect(Math.abs((await finish(shim)) - now() + day)).toBeLessThan(60);
}

it("a clock that jumps to and fro changes nothing in a container's life", async () => {
  const shim = await startShim();
  const { clock, task } = shim;
  let isOver = false;
  const jumping = (async () => {
    for (let step = 0; !isOver; step++) {
      clock.jumpTo(step % 2 === 0 ? day : -day);
      await delay(1);
    }
  })();
  const began = performance.now();
  await task.create();
  await expect(task.kill(0)).resolves.toBeDefined();
  await finish(shim);
  expect(performance.now() - began).toBeLessThan(10_000);
  isOver = true;
  await jumping;
});
