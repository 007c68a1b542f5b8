import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { type Ctr, runcRuntime, rundRuntime } from "../test/harness/ctr.ts";
import type { Daemons } from "../test/harness/daemons.ts";
import { shimFolder } from "../test/harness/project_paths.ts";

/** Who is measured. */
export type Side = "rund" | "runc";

const runtimes: Readonly<Record<Side, string>> = { rund: rundRuntime, runc: runcRuntime };

/** Where a timed program reads from and writes to; `/dev/null` by default. */
export interface Redirections {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** The daemons of a benchmark run, and the programs whose time is taken. */
export class BenchContext {
  readonly daemons: Daemons;

  constructor(daemons: Daemons) {
    this.daemons = daemons;
  }

  /** A file of 100 MB for standard input. */
  get inputFile(): string {
    return `${this.daemons.folder}/input`;
  }

  ctr(side: Side): Ctr {
    return this.daemons.ctr.withRuntime(runtimes[side]);
  }

  /** Path of a side's shim program. */
  shim(side: Side): string {
    if (side === "runc") return `${this.daemons.containerd.tools.path[0]}/containerd-shim-runc-v2`;
    const path = this.daemons.containerd.env["PATH"]?.split(":")[0] ?? shimFolder();
    return `${path}/containerd-shim-rund-v1`;
  }

  /** Milliseconds that `ctr` takes for the given arguments; rejects when it fails. */
  timeCtr(args: readonly string[], redirections: Redirections = {}): Promise<number> {
    const { ctr } = this.daemons;
    return timeProgram(ctr.program, [...ctr.prefix, ...args], redirections);
  }
}

/** Runs its arguments and writes the microseconds they took to descriptor 3. */
const stopwatch =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it, not JavaScript
  'began=${EPOCHREALTIME/./}; "$@"; status=$?; echo $((${EPOCHREALTIME/./} - began)) >&3; exit $status';

/**
 * Milliseconds from the start of a program to its end. A shell takes the time: it forks and waits, and nothing else,
 * where Node's own work beside the program would be several milliseconds of it on a machine with few processors.
 */
export async function timeProgram(
  program: string,
  args: readonly string[],
  { input = "/dev/null", env = process.env, cwd = "/" }: Redirections,
): Promise<number> {
  const stdin = openSync(input, "r");
  try {
    const child = spawn("bash", ["-c", stopwatch, "stopwatch", program, ...args], {
      stdio: [stdin, "ignore", "pipe", "pipe"],
      env,
      cwd,
    });
    const [errors, time] = [child.stdio[2] as Readable, child.stdio[3] as Readable];
    // Not the end of the streams: a daemon that the program leaves behind holds them open.
    const said: Buffer[] = [];
    errors.on("data", (chunk: Buffer) => said.push(chunk));
    const microseconds = once(time, "data");
    const [code, signal] = await once(child, "exit");
    if (code !== 0)
      throw new Error(`${program} ${args.join(" ")}: ${code ?? signal}\n${Buffer.concat(said)}`);
    const [text] = await microseconds;
    errors.destroy();
    time.destroy();
    return Number(text) / 1000;
  } finally {
    closeSync(stdin);
  }
}
