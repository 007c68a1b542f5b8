import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import type { JailedProcess, JailProcessOptions } from "../../src/jail/jailed_process.ts";
import { launchProcess } from "../../src/jail/launch_process.ts";
import type { BusyboxJail } from "./busybox_jail.ts";
import { launcher } from "./launcher_under_test.ts";

export type Overrides = Partial<Omit<JailProcessOptions, "root">>;

/** Options of a process that runs as root with nothing special. */
export function processOptions(jail: BusyboxJail, args: readonly string[], overrides: Overrides = {}) {
  return {
    root: jail.root,
    args,
    env: ["PATH=/usr/bin:/bin"],
    cwd: "/",
    uid: 0,
    gid: 0,
    additionalGids: [],
    limits: [],
    terminal: false,
    stdio: ["ignore", "ignore", "ignore"],
    ...overrides,
  } satisfies JailProcessOptions;
}

/** Launches up to the gate. */
export function launch(
  jail: BusyboxJail,
  args: readonly string[],
  overrides?: Overrides,
): Promise<JailedProcess> {
  return launchProcess(processOptions(jail, args, overrides), launcher);
}

/** Launches and starts. */
export async function start(jail: BusyboxJail, args: readonly string[], overrides?: Overrides) {
  const process = await launch(jail, args, overrides);
  await process.start();
  return process;
}

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let runs = 0;

/** Runs a program to its end, its streams in files; "sh -c" for a single text. */
export async function run(
  jail: BusyboxJail,
  command: string | readonly string[],
  overrides: Overrides = {},
): Promise<RunResult> {
  const args = typeof command === "string" ? ["sh", "-c", command] : command;
  const paths = [jail.hostPath(`stdout-${++runs}`), jail.hostPath(`stderr-${runs}`)] as const;
  const [stdout, stderr] = [openSync(paths[0], "w"), openSync(paths[1], "w")];
  try {
    const process = await start(jail, args, { stdio: ["ignore", stdout, stderr], ...overrides });
    const { status } = await process.exited;
    return { status, stdout: readFileSync(paths[0], "utf8"), stderr: readFileSync(paths[1], "utf8") };
  } finally {
    for (const descriptor of [stdout, stderr]) closeSync(descriptor);
    for (const path of paths) rmSync(path);
  }
}
