import { expect, it, onTestFinished } from "vitest";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { FuzzedShim } from "./support/fuzzed_shim.ts";
import { amounts, seedOf } from "./support/settings.ts";

const { census } = shared();
expectNothingLeft(census);

/** Half an hour for a run of ten million. */
const longest = 1_800_000;

/** One for each processor. */
const shims = 2;

const parts = 10;

it(`${amounts.frames} random frames leave a shim that answers, and is no bigger`, {
  timeout: longest,
}, async () => {
  const fuzzed = await Promise.all(Array.from({ length: shims }, (_, index) => startShim(index)));
  await Promise.all(fuzzed.map((shim) => throwAll(shim, amounts.frames / shims)));
});

async function startShim(index: number): Promise<FuzzedShim> {
  const folders = { keeper: await copyRootfs(), victim: await copyRootfs(), empty: await testFolder() };
  const fuzzed = await FuzzedShim.start(folders, seedOf(`frames ${index}`));
  onTestFinished(() => fuzzed.shim.stop());
  return fuzzed;
}

async function throwAll(fuzzed: FuzzedShim, frames: number): Promise<void> {
  const { descriptors } = fuzzed;
  const memory: number[] = [];
  for (let part = 1; part <= parts; part++) {
    await fuzzed.throwUntil((frames * part) / parts);
    await fuzzed.renewVictim();
    memory.push(fuzzed.memory);
  }
  // With the growth, a person sees whether it goes on.
  console.log(`private memory in KiB, after each tenth: ${memory.join(" ")}`);
  await expect.poll(() => fuzzed.descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(descriptors);
  // One look may come right after a garbage collection.
  expect(mean(memory.slice(-3))).toBeLessThan(1.3 * mean(memory.slice(0, 3)));
  expect(await fuzzed.end("keeper")).toBe(137);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
