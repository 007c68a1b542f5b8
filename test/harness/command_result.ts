import { constants } from "node:os";

/** What a command said and how it ended. */
export class CommandResult {
  /** The exit code, or 128 plus the signal's number, as a shell has it. */
  readonly exitCode: number;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  readonly milliseconds: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(exitCode: number, stdout: Uint8Array, stderr: Uint8Array, milliseconds: number) {
    this.exitCode = exitCode;
    this.stdoutBytes = stdout;
    this.stderrBytes = stderr;
    this.milliseconds = milliseconds;
    // A string has a length limit, and nobody reads a hundred megabytes as text.
    this.stdout = textOf(stdout);
    this.stderr = textOf(stderr);
  }
}

const textLimit = 16 << 20;

function textOf(bytes: Uint8Array): string {
  return bytes.length > textLimit ? `(${bytes.length} bytes)` : Buffer.from(bytes).toString("utf8");
}

/** The exit status as a shell shows it. */
export function shellStatus(code: number | null | undefined, signal: string | null | undefined): number {
  if (typeof code === "number") return code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? 127);
}
