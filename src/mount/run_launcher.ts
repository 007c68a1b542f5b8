import { spawn } from "node:child_process";
import { Code, RundError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";
import { decodeRecords } from "./records.ts";

/** What one run of the launcher answered. */
export interface LauncherAnswer {
  /** Exit code; -1 when it was ended by a signal, as when its time was up. */
  readonly status: number;
  /** Records such as `note TEXT` and `error ERRNO SUBJECT TEXT`. */
  readonly records: readonly string[][];
}

/**
 * Runs `rund-jail ARGS` with `input` on its standard input and waits for its end, at most `timeout` milliseconds.
 * Throws internal when the launcher can't be started.
 */
export async function runLauncher(
  args: readonly string[],
  input: Uint8Array,
  timeout: number,
): Promise<LauncherAnswer> {
  const child = spawn(launcherPath(), args, {
    stdio: ["pipe", "pipe", "ignore"],
    timeout,
    killSignal: "SIGKILL",
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  /** A launcher that gives up before it has read all breaks the pipe; its answer says why. */
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const status = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new RundError(Code.internal, `launcher: ${error.message}`)));
    child.once("close", (code) => resolve(code ?? -1));
  });
  return { status, records: decodeRecords(Buffer.concat(chunks)) };
}
