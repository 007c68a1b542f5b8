import { readFileSync, rmSync } from "node:fs";
import type { OciRuntime } from "./oci_runtime.ts";

/** How a command ended, as far as it is the same for every runtime and container. An empty list of runc's is a null. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs a command on a container, whose id is put where the arguments say ID. */
export async function outcome(
  runtime: OciRuntime,
  args: readonly string[],
  id: string,
): Promise<Outcome & { readonly error: string }> {
  const log = `${runtime.root}-${id}.log`;
  const words = args.map((arg) => (arg === "ID" ? id : arg));
  const result = await runtime.run(["--log", log, "--log-format", "json", ...words]);
  const stdout = result.stdout
    .replace(/^null\n$/, "[]\n")
    .replaceAll(/"ociVersion":"[\d.]+(-dev)?"/g, '"ociVersion":VERSION')
    .replaceAll(id, "ID")
    .replaceAll(/\/[^" ]*\/b-\w+/g, "BUNDLE")
    .replaceAll(/"pid": ?\d+/g, '"pid":PID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\b\d{3,}\b/g, "NUMBER");
  return { exitCode: result.exitCode, stdout, error: lastError(log) };
}

/** The text that clients find in the log of a command, where it failed. */
export function lastError(log: string): string {
  const lines = readLog(log);
  rmSync(log, { force: true });
  return lines.findLast(({ level }) => level === "error")?.msg ?? "";
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly time: string;
}

/** The lines of a log in JSON; none when it was not made. */
export function readLog(log: string): readonly LogLine[] {
  try {
    const lines = readFileSync(log, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LogLine);
  } catch {
    return [];
  }
}
