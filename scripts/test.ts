import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { execa } from "execa";
import { addCounts, type Counts, countsLine, vitestCounts } from "./test_counts.ts";

/** One part of the test run: a check that passes or fails as a whole, or a vitest project whose tests are counted. */
interface Stage {
  readonly name: string;
  /** A program with arguments, or the name of a vitest project. */
  readonly command?: readonly [string, ...string[]];
  readonly project?: string;
  /** Parts of names of its test files; all of them when left out. */
  readonly files?: readonly string[];
  /** Patterns of test files that it leaves out. */
  readonly without?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The C code with address and undefined-behaviour checks; what only races or counts time is left to the plain run. */
const sanitizedFiles = [
  "launch_basics",
  "launch_paths",
  "launch_request",
  "launch_user",
  "gate",
  "home",
  "process_table",
  "terminal",
  "mount_kernel",
  "mount_files",
];

/** Which programs and settings an end-to-end run is about. */
interface World {
  readonly containerd: string;
  readonly docker: string;
  /** Where docker keeps images: itself (overlay2, vfs) or in containerd (overlayfs, native). */
  readonly storage: string;
  readonly mountDriver: string;
}

/** Tests that start no containerd or one of their own: other programs of the run's would change nothing about them. */
const sameEverywhere = ["test/e2e/shim_*", "test/e2e/harness*"];

/** The end-to-end tests, all of them or those that go through the run's containerd and dockerd. */
function endToEnd(name: string, world: World, without: readonly string[] = []): Stage {
  const { containerd, docker, storage, mountDriver } = world;
  const versions = { RUND_CONTAINERD: containerd, RUND_DOCKER: docker, RUND_STORAGE: storage };
  return { name, project: "e2e", without, env: { ...versions, RUND_MOUNT_DRIVER: mountDriver } };
}

/**
 * Each version of containerd and of docker, each of docker's stores and each mount driver has every test that goes
 * through it, and each driver has all tests.
 */
const endToEndStages: readonly Stage[] = [
  endToEnd("e2e-kernel", { containerd: "2.1", docker: "28.5", storage: "overlay2", mountDriver: "kernel" }),
  endToEnd("e2e-bindfs", { containerd: "1.7", docker: "26.1", storage: "overlayfs", mountDriver: "bindfs" }),
  endToEnd(
    "e2e-1.6",
    { containerd: "1.6", docker: "26.1", storage: "vfs", mountDriver: "kernel" },
    sameEverywhere,
  ),
  endToEnd(
    "e2e-native",
    { containerd: "2.1", docker: "28.5", storage: "native", mountDriver: "bindfs" },
    sameEverywhere,
  ),
];

const stages: readonly Stage[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "typecheck", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "unit", project: "unit" },
  { name: "darwin", command: ["node", "--import", "tsx", "scripts/build_launcher.ts", "--darwin"] },
  { name: "launcher", project: "launcher" },
  { name: "sanitized", project: "launcher", files: sanitizedFiles, env: { RUND_TEST_SANITIZED: "1" } },
  ...endToEndStages,
];

function chosenStages(names: readonly string[]): readonly Stage[] {
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    const known = stages.map((stage) => stage.name).join(", ");
    throw new Error(`${unknown.join(", ")}: no such stage (there are: ${known})`);
  }
  if (names.length === 0) return stages;
  // The daemons run what stands in dist/, so that must not be an older build.
  const needsBuild = names.some((name) => name.startsWith("e2e"));
  return stages.filter(({ name }) => names.includes(name) || (name === "build" && needsBuild));
}

async function runStage(stage: Stage, reports: string): Promise<Counts> {
  const report = `${reports}/${stage.name}.json`;
  const without = (stage.without ?? []).flatMap((pattern) => ["--exclude", pattern]);
  const vitest = ["vitest", "run", "--project", stage.project ?? "", ...(stage.files ?? []), ...without];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const [program, ...args] = stage.command ?? ["npx", ...vitest, ...reporters];
  const result = await execa(program, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...stage.env },
    reject: false,
    preferLocal: true,
  });
  const succeeded = result.exitCode === 0;
  if (stage.project !== undefined) return vitestCounts(report, succeeded);
  return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
}

async function runStages(chosen: readonly Stage[]): Promise<Counts> {
  const reports = await mkdtemp(`${tmpdir()}/rund-reports-`);
  const lines: string[] = [];
  let total: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const stage of chosen) {
      console.log(`==> ${stage.name}`);
      const began = performance.now();
      const counts = await runStage(stage, reports);
      total = addCounts(total, counts);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      lines.push(`${stage.name.padEnd(14)} ${countsLine(counts)} (${seconds} s)`);
    }
  } finally {
    await rm(reports, { recursive: true });
  }
  console.log(`\n${lines.join("\n")}`);
  return total;
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
