import { type StdioOptions, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { Code, RundError } from "../common/error.ts";
import { launcherPath } from "./launcher_path.ts";

export interface LauncherOptions {
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: Uint8Array;
  /** None by default: what is meant for a jail, or comes from whoever started us, must not act on the launcher. */
  readonly env?: NodeJS.ProcessEnv;
  /** Inherited by it, from 3 on. */
  readonly descriptors?: readonly number[];
  /** Milliseconds after which it is killed. */
  readonly timeout?: number;
  /** Kills it; the result has the status -1 then. */
  readonly signal?: AbortSignal;
  readonly launcher?: string;
}

/** How a command of the launcher ended. */
export interface LauncherResult {
  /** Exit code; -1 when it was ended by a signal, as when its time was up. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command of the launcher that runs. */
export interface RunningLauncher {
  /** All it has printed so far; `printed` is called whenever there is more. */
  readonly stdout: () => Buffer;
  /** Rejects with internal when the launcher cannot be run at all. */
  readonly ended: Promise<LauncherResult>;
}

/** Runs `rund-jail ARGS` to its end; see {@link startLauncher}. */
export function runLauncher(args: readonly string[], options: LauncherOptions = {}): Promise<LauncherResult> {
  return startLauncher(args, options).ended;
}

/** Starts `rund-jail ARGS`. */
export function startLauncher(
  args: readonly string[],
  { input, env = {}, descriptors = [], timeout, signal, launcher = launcherPath() }: LauncherOptions = {},
  printed: () => void = () => {},
): RunningLauncher {
  const stdio: StdioOptions = [input === undefined ? "ignore" : "pipe", "pipe", "pipe", ...descriptors];
  const limit = timeout === undefined ? {} : { timeout, killSignal: "SIGKILL" as const };
  const child = spawn(launcher, args, { cwd: "/", env, stdio, ...limit });
  const [stdout, stderr] = [collect(child.stdout, printed), collect(child.stderr)];
  // A launcher that gives up before it has read all breaks the pipe; its answer says why.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  const ended = new Promise<LauncherResult>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new RundError(Code.internal, `launcher: ${error.message}`, { cause: error })),
    );
    child.once("close", (code) => {
      signal?.removeEventListener("abort", kill);
      resolve({ status: code ?? -1, stdout: stdout(), stderr: stderr().toString() });
    });
  });
  return { stdout, ended };
}

function collect(stream: Readable | null, more: () => void = () => {}): () => Buffer {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    more();
  });
  return () => Buffer.concat(chunks);
}
