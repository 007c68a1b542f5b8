import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A test that fails prints what was written to the logs while it ran; with `RUND_HARNESS_LOGS=1` every test does. */
export function showLogsOfFailures(logs: readonly string[]): void {
  let marks: number[] = [];
  beforeEach(() => {
    marks = logs.map((log) => statSync(log).size);
  });
  afterEach(({ task }) => {
    if (task.result?.state !== "fail" && process.env["RUND_HARNESS_LOGS"] !== "1") return;
    logs.forEach((log, index) => {
      const lines = readFrom(log, marks[index] ?? 0).split("\n");
      const shown = lines.slice(-120).join("\n");
      process.stderr.write(`--- ${basename(log)} during "${task.name}"\n${shown}\n`);
    });
  });
}

function readFrom(file: string, start: number): string {
  const length = Math.max(0, statSync(file).size - start);
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, "r");
  readSync(descriptor, buffer, 0, length, start);
  closeSync(descriptor);
  return buffer.toString("utf8");
}
