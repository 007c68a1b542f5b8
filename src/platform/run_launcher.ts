import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { Socket } from "node:net";
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

/**
 * Starts `rund-jail ARGS`. Its standard streams are sockets behind the descriptors that it inherits, which the launcher puts
 * in their places: for a pipe at one of the first three descriptors Bun loads streams of another kind and runs two threads,
 * half a megabyte in each idle shim.
 */
export function startLauncher(
  args: readonly string[],
  { input, env = {}, descriptors = [], timeout, signal, launcher = launcherPath() }: LauncherOptions = {},
  printed: () => void = () => {},
): RunningLauncher {
  const first = 3 + descriptors.length;
  const limit = timeout === undefined ? {} : { timeout, killSignal: "SIGKILL" as const };
  const streams = [input === undefined ? "--output" : "--stdio", String(first)];
  const stdio: StdioOptions = ["ignore", "ignore", "ignore", ...descriptors, "pipe", "pipe"];
  if (input !== undefined) stdio.push("pipe");
  const child = spawn(launcher, [...streams, ...args], { cwd: "/", env, stdio, ...limit });
  const kill = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", kill);
  if (input !== undefined) give(child.stdio[first + 2], input);
  const [stdout, stderr] = [collect(child.stdio[first], printed), collect(child.stdio[first + 1])];
  const ended = statusOf(child).then(async (status) => {
    signal?.removeEventListener("abort", kill);
    await Promise.all([stdout.closed, stderr.closed]);
    return { status, stdout: stdout.text(), stderr: stderr.text().toString() };
  });
  return { stdout: stdout.text, ended };
}

function statusOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new RundError(Code.internal, `launcher: ${error.message}`, { cause: error })),
    );
    child.once("exit", (code) => resolve(code ?? -1));
  });
}

/** Output has a socket of its own: what is not read of the input would reset the connection, and Bun lose what was printed. */
function give(stream: unknown, input: Uint8Array): void {
  if (!(stream instanceof Socket)) return;
  // A launcher that gives up before it has read all breaks the connection; its answer says why.
  stream.on("error", () => {});
  stream.end(input);
}

interface Collected {
  readonly text: () => Buffer;
  readonly closed: Promise<void>;
}

/** All that comes from a child's socket; there is none when the child could not be run. */
function collect(stream: unknown, more: () => void = () => {}): Collected {
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks);
  if (!(stream instanceof Socket)) return { text, closed: Promise.resolve() };
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  stream.on("error", () => {});
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    more();
  });
  return { text, closed };
}
