import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { performance } from "node:perf_hooks";
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

/** Milliseconds from the start of a program to its end; nothing but a spawn and a wait is in them. */
export async function timeProgram(
  program: string,
  args: readonly string[],
  { input = "/dev/null", env = process.env, cwd = "/" }: Redirections,
): Promise<number> {
  const stdin = openSync(input, "r");
  const stdout = openSync("/dev/null", "w");
  try {
    const began = performance.now();
    const child = spawn(program, args, { stdio: [stdin, stdout, "pipe"], env, cwd });
    const errors: Buffer[] = [];
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    const [code, signal] = await once(child, "exit");
    const took = performance.now() - began;
    child.stderr?.destroy();
    if (code !== 0) {
      throw new Error(`${program} ${args.join(" ")}: ${code ?? signal}\n${Buffer.concat(errors).toString()}`);
    }
    return took;
  } finally {
    closeSync(stdin);
    closeSync(stdout);
  }
}
