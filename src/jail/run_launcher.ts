import { type StdioOptions, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { Code, RundError } from "../common/error.ts";
import { exitStatus } from "./exit_status.ts";

/** What a command of the launcher printed, and its exit status as a shell shows it. */
export interface LauncherResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of the launcher to its end; it inherits `descriptors` from 3 on. Rejects only when the launcher cannot be
 * run at all.
 */
export function runLauncher(
  launcher: string,
  args: readonly string[],
  descriptors: readonly number[] = [],
): Promise<LauncherResult> {
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...descriptors];
    const child = spawn(launcher, args, { cwd: "/", env: {}, stdio });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.once("error", (error) =>
      reject(new RundError(Code.internal, `launcher: ${error.message}`, { cause: error })),
    );
    child.once("close", (code, signal) =>
      resolve({ status: exitStatus(code, signal), stdout: stdout.join(""), stderr: stderr.join("") }),
    );
  });
}

function collect(stream: Readable | null): string[] {
  const parts: string[] = [];
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => parts.push(text));
  return parts;
}
