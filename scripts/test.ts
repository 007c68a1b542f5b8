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
  /** Runs only when it is named, or with `--versions`. */
  readonly isExtra?: boolean;
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

/** What tells most about another version in little time: each client's way through a container's life, and a restart. */
const smoke = [
  ...["ctr_exec", "ctr_exit_code", "ctr_missing_program", "ctr_output", "crash_containerd"],
  ...["docker_run", "docker_exec", "docker_logs", "docker_volumes", "docker_daemon_restart"],
];

/** A stage with other daemons than the usual ones. Between them, the three have every version and every store. */
function versionStage(containerd: string, docker: string, storage: string): Stage {
  const env = { RUND_CONTAINERD: containerd, RUND_DOCKER: docker, RUND_STORAGE: storage };
  return { name: `e2e-${containerd}-${storage}`, project: "e2e", files: smoke, isExtra: true, env };
}

const stages: readonly Stage[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "typecheck", command: ["npm", "run", "--silent", "typecheck"] },
  { name: "unit", project: "unit" },
  { name: "darwin", command: ["node", "--import", "tsx", "scripts/build_launcher.ts", "--darwin"] },
  { name: "launcher", project: "launcher" },
  { name: "sanitized", project: "launcher", files: sanitizedFiles, env: { RUND_TEST_SANITIZED: "1" } },
  { name: "runtime", project: "runtime" },
  { name: "e2e-kernel", project: "e2e", env: { RUND_MOUNT_DRIVER: "kernel" } },
  { name: "e2e-bindfs", project: "e2e", env: { RUND_MOUNT_DRIVER: "bindfs" } },
  versionStage("1.6", "26.1", "vfs"),
  versionStage("1.7", "26.1", "overlayfs"),
  versionStage("2.1", "28.5", "native"),
];

function chosenStages(args: readonly string[]): readonly Stage[] {
  const names = args.filter((arg) => arg !== "--versions");
  const withVersions = names.length < args.length;
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    const known = stages.map((stage) => stage.name).join(", ");
    throw new Error(`${unknown.join(", ")}: no such stage (there are: ${known})`);
  }
  if (names.length === 0) return stages.filter((stage) => withVersions || !stage.isExtra);
  // The daemons run what stands in dist/, so that must not be an older build.
  const needsBuild = withVersions || names.some((name) => /^(e2e|runtime)/.test(name));
  return stages.filter(({ name, isExtra }) => {
    return names.includes(name) || (name === "build" && needsBuild) || (withVersions && isExtra);
  });
}

async function runStage(stage: Stage, reports: string): Promise<Counts> {
  const report = `${reports}/${stage.name}.json`;
  const vitest = ["vitest", "run", "--project", stage.project ?? "", ...(stage.files ?? [])];
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
