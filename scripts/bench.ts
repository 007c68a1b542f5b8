import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { Daemons } from "../test/harness/daemons.ts";
import { type BenchCase, benchCases } from "./bench_cases.ts";
import { BenchContext, type Side } from "./bench_context.ts";
import { formatTable, median, type Row } from "./bench_table.ts";

interface Arguments {
  readonly runs: number;
  readonly only: readonly string[];
  readonly shimFolder: string | undefined;
}

function parseArguments(): Arguments {
  const names = benchCases.map(({ name }) => name);
  const parsed = yargs(hideBin(process.argv))
    .option("n", { type: "number", default: 25, describe: "runs of each side; slow cases do fewer" })
    .option("only", { type: "string", describe: `comma-separated names of: ${names.join(", ")}` })
    .option("shim-folder", { type: "string", describe: "folder with containerd-shim-rund-v1" })
    .strict()
    .parseSync();
  const only = parsed.only?.split(",") ?? names;
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`${unknown.join(", ")}: no such case (there are: ${names.join(", ")})`);
  return { runs: parsed.n, only, shimFolder: parsed["shim-folder"] };
}

/** Both sides' samples of one case. They take turns, and which goes first changes too, so that drift hits both. */
async function measure(bench: BenchCase, context: BenchContext, runs: number): Promise<Row> {
  const samples: Record<Side, number[]> = { rund: [], runc: [] };
  const count = Math.min(runs, bench.atMost ?? runs);
  const cleanUps: (() => Promise<void>)[] = [];
  try {
    const measurers = {
      rund: await bench.prepare(context, "rund", cleanUps),
      runc: await bench.prepare(context, "runc", cleanUps),
    };
    // The first run of each side fills caches and is not counted.
    for (let run = -1; run < count; run += 1) {
      progress(`${bench.name} ${Math.max(run + 1, 0)}/${count}`);
      for (const side of order(run)) {
        const sample = await measurers[side]();
        if (run >= 0) samples[side].push(sample);
      }
    }
  } finally {
    progress("");
    for (const cleanUp of cleanUps) await cleanUp();
  }
  const { name, what, unit, target } = bench;
  return {
    ...{ name, what, unit, target, count },
    rund: median(samples.rund),
    runc: median(samples.runc),
  };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function order(run: number): readonly Side[] {
  return run % 2 === 0 ? ["rund", "runc"] : ["runc", "rund"];
}

const { runs, only, shimFolder } = parseArguments();
await using daemons = await Daemons.start({
  docker: false,
  ...(shimFolder === undefined ? {} : { shimFolder }),
});
const interrupted = new Promise<never>((_, reject) => {
  process.once("SIGINT", () => reject(new Error("interrupted")));
});
interrupted.catch(() => undefined);
const context = new BenchContext(daemons);
await writeFile(context.inputFile, Buffer.alloc(100_000_000, "0123456789abcdef"));
const rows: Row[] = [];
/** Milliseconds between cases: containerd collects what the last one has left, which would be counted to the next. */
const settling = 5_000;
for (const bench of benchCases.filter(({ name }) => only.includes(name))) {
  await delay(settling);
  rows.push(await Promise.race([measure(bench, context, runs), interrupted]));
}
console.log(formatTable(rows));
