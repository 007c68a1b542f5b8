import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { execa } from "execa";
import {
  addCounts,
  type Counts,
  countsLine,
  type Troubles,
  testTroubles,
  vitestCounts,
} from "./test_counts.ts";
import { chosenStages, type Stage } from "./test_stages.ts";

/** How many sociable stages run at once. */
const lanes = Math.min(2, availableParallelism());

interface StageResult {
  readonly stage: Stage;
  readonly counts: Counts;
  readonly troubles: Troubles;
  readonly seconds: number;
}

/** Runs a stage; what it says is shown at once, or held back to its end where others would talk in between. */
async function runStage(stage: Stage, reports: string, isAlone: boolean): Promise<StageResult> {
  const report = `${reports}/${stage.name}.json`;
  const without = (stage.without ?? []).flatMap((pattern) => ["--exclude", pattern]);
  const vitest = ["vitest", "run", "--project", stage.project ?? "", ...(stage.files ?? []), ...without];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const retry = stage.project === "unit" ? [] : ["--retry=1"];
  const [program, ...args] = stage.command ?? ["npx", ...vitest, ...retry, ...reporters];
  if (isAlone) console.log(`==> ${stage.name}`);
  const began = performance.now();
  const output = isAlone ? "inherit" : "pipe";
  const result = await execa(program, args, {
    stdio: ["ignore", output, output],
    all: true,
    env: { ...stage.env },
    reject: false,
    preferLocal: true,
  });
  if (!isAlone) console.log(`==> ${stage.name}\n${result.all}`);
  const seconds = (performance.now() - began) / 1000;
  const succeeded = result.exitCode === 0;
  if (stage.project !== undefined)
    return { stage, counts: vitestCounts(report, succeeded), troubles: testTroubles(report), seconds };
  const counts = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  return { stage, counts, troubles: { failed: [], unsteady: [] }, seconds };
}

/** Runs stages, `lanes` of them at a time, in their order. */
async function runSideBySide(stages: readonly Stage[], reports: string): Promise<StageResult[]> {
  const waiting = [...stages];
  const results: StageResult[] = [];
  const isAlone = stages.length === 1;
  if (!isAlone) console.log(`==> ${stages.map(({ name }) => name).join(", ")}: ${lanes} at a time`);
  const lane = async (): Promise<void> => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      results.push(await runStage(stage, reports, isAlone));
    }
  };
  await Promise.all(Array.from({ length: isAlone ? 1 : lanes }, lane));
  return results;
}

function printTroubles(title: string, results: readonly StageResult[], kind: keyof Troubles): void {
  const lines = results.flatMap(({ stage, troubles }) =>
    troubles[kind].map((test) => `  ${stage.name}: ${test}`),
  );
  if (lines.length > 0) console.log(`\n${title}:\n${lines.join("\n")}`);
}

async function runStages(chosen: readonly Stage[]): Promise<Counts> {
  const reports = await mkdtemp(`${tmpdir()}/rund-reports-`);
  const results: StageResult[] = [];
  const sociable = chosen.filter(({ isSociable }) => isSociable);
  try {
    for (const stage of chosen) {
      if (!stage.isSociable) results.push(await runStage(stage, reports, true));
      else if (stage === sociable[0]) results.push(...(await runSideBySide(sociable, reports)));
    }
  } finally {
    await rm(reports, { recursive: true });
  }
  const lines = results.map(({ stage, counts, seconds }) => {
    return `${stage.name.padEnd(14)} ${countsLine(counts)} (${seconds.toFixed(1)} s)`;
  });
  console.log(`\n${lines.join("\n")}`);
  printTroubles("Failed once and then passed, so there is a race to be found", results, "unsteady");
  printTroubles("Failed", results, "failed");
  return results.map(({ counts }) => counts).reduce(addCounts, { passed: 0, failed: 0, skipped: 0 });
}

let chosen: readonly Stage[];
try {
  chosen = chosenStages(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const total = await runStages(chosen);
// A test that skips in CI would stay unnoticed for ever.
const skippedInCi = process.env["CI"] === "true" && total.skipped > 0;
if (skippedInCi) console.log("skipped tests count as failure in CI");
console.log(countsLine(total));
// 3 and not 1, which would also be the code of a run that broke before it had counted anything.
process.exitCode = total.failed > 0 || skippedInCi ? 3 : 0;
