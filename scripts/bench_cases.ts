import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { uniqueId } from "../test/harness/unique_id.ts";
import type { BenchContext, Side } from "./bench_context.ts";
import { prepareDelete, prepareStart } from "./bench_shim.ts";

/** One thing that is measured. */
export interface BenchCase {
  readonly name: string;
  readonly what: string;
  readonly unit: "ms" | "MB";
  /** Slow cases run at most this often. */
  readonly atMost?: number;
  readonly target: { readonly ratio?: number; readonly value?: number };
  /** Readies one side; the result takes one sample. Clean-ups run once after both sides are through. */
  prepare(
    context: BenchContext,
    side: Side,
    cleanUps: (() => Promise<void>)[],
  ): Promise<() => Promise<number>> | (() => Promise<number>);
}

function runTrue(context: BenchContext, side: Side): () => Promise<number> {
  const options = { rootfs: context.daemons.rootfs };
  return () => {
    return context.timeCtr(context.ctr(side).runArguments(["/bin/true"], options, "--rm", "--null-io"));
  };
}

function runProgram(context: BenchContext, side: Side, args: readonly string[]): readonly string[] {
  return context.ctr(side).runArguments(args, { rootfs: context.daemons.rootfs }, "--rm");
}

const idle = ["/bin/sleep", "1000"];

/** Starts idle containers all at once; how long that took in milliseconds, and their ids. */
async function startIdle(context: BenchContext, side: Side, count: number): Promise<[number, string[]]> {
  const ctr = context.ctr(side);
  const ids = Array.from({ length: count }, () => uniqueId("idle"));
  const began = performance.now();
  const started = ids.map((id) => ctr.startContainer(idle, { rootfs: context.daemons.rootfs, id }));
  await Promise.all(started);
  return [performance.now() - began, ids];
}

async function remove(context: BenchContext, ids: readonly string[]): Promise<void> {
  for (const id of ids) await context.daemons.ctr.remove(id);
}

/** Mean memory of the shims of running containers in MB, each shared page counted by its share. */
async function shimMemory(context: BenchContext, ids: readonly string[]): Promise<number> {
  const tasks = await context.daemons.ctr.tasks();
  const kilobytes = tasks
    .filter(({ id }) => ids.includes(id))
    .map(({ pid }) => /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
    .map((shim) => /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${shim}/smaps_rollup`, "utf8"))?.[1])
    .map(Number);
  return kilobytes.reduce((sum, value) => sum + value, 0) / kilobytes.length / 1000;
}

export const benchCases: readonly BenchCase[] = [
  {
    name: "run",
    what: "ctr run --rm --null-io --rootfs DIR true",
    unit: "ms",
    target: { ratio: 0.65 },
    prepare: runTrue,
  },
  {
    name: "exec",
    what: "ctr task exec true",
    unit: "ms",
    target: { ratio: 0.5 },
    async prepare(context, side, cleanUps) {
      const [, ids] = await startIdle(context, side, 1);
      cleanUps.push(() => remove(context, ids));
      const [id = ""] = ids;
      return () => context.timeCtr(["task", "exec", "--exec-id", uniqueId("x"), id, "/bin/true"]);
    },
  },
  {
    name: "start",
    what: "the shim's start alone",
    unit: "ms",
    target: { ratio: 1.2 },
    prepare: prepareStart,
  },
  {
    name: "delete",
    what: "the shim's delete alone",
    unit: "ms",
    target: { ratio: 1.2 },
    prepare: prepareDelete,
  },
  {
    name: "stdout",
    what: "1 GiB from container stdout",
    unit: "ms",
    atMost: 7,
    target: { ratio: 1 },
    prepare: (context, side) => () => {
      const dd = ["/bin/dd", "if=/dev/zero", "bs=1M", "count=1024"];
      return context.timeCtr(runProgram(context, side, dd));
    },
  },
  {
    name: "stdin",
    what: "100 MB into stdin and back",
    unit: "ms",
    atMost: 11,
    target: { ratio: 1 },
    prepare: (context, side) => () => {
      return context.timeCtr(runProgram(context, side, ["/bin/cat"]), { input: context.inputFile });
    },
  },
  {
    name: "memory",
    what: "proportional memory, each of ten idle shims",
    unit: "MB",
    atMost: 3,
    target: { value: 10 },
    prepare: (context, side) => async () => {
      const [, ids] = await startIdle(context, side, 10);
      try {
        // Idle is what comes after a runtime's own clean-up.
        await delay(2000);
        return await shimMemory(context, ids);
      } finally {
        await remove(context, ids);
      }
    },
  },
  {
    name: "twenty",
    what: "20 containers started at once",
    unit: "ms",
    atMost: 7,
    target: {},
    prepare: (context, side) => async () => {
      const [took, ids] = await startIdle(context, side, 20);
      await remove(context, ids);
      return took;
    },
  },
];
