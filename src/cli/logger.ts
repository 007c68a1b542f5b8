import { openSync, writeSync } from "node:fs";
import { systemError } from "../common/error.ts";
import type { LogFields, Logger } from "../common/log.ts";
import { formatLogLine, type LogLevel } from "../common/log_line.ts";

export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

export interface LogTarget {
  /** A path, or "" for standard error. */
  readonly file: string;
  readonly format: LogFormat | undefined;
  readonly debug: boolean;
}

/**
 * The log of one command, in the two forms of runc's: clients read the last error of the file in `--log` and show it. On
 * standard error, unless a form is asked for, people read.
 */
export class CommandLogger implements Logger {
  readonly #descriptor: number;
  readonly #toPerson: boolean;
  readonly #target: LogTarget;

  /** @throws RundError when the file cannot be opened */
  constructor(target: LogTarget) {
    this.#target = target;
    this.#toPerson = target.file === "" && target.format === undefined;
    this.#descriptor = target.file === "" ? 2 : openLog(target.file);
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#target.debug) this.#write("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    // A note that a person who asked for a container to run can do without.
    if (!this.#toPerson || this.#target.debug) this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write("warning", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  /** The error that ends the command, also for the person who sees standard error only. */
  fatal(command: string, message: string): void {
    if (!this.#toPerson) this.#write("error", message);
    if (this.#descriptor !== 2 || this.#toPerson) writeSync(2, `${command}: ${message}\n`);
  }

  #write(level: LogLevel, message: string, fields?: LogFields): void {
    writeSync(this.#descriptor, this.#format(level, message, fields));
  }

  #format(level: LogLevel, message: string, fields: LogFields = {}): string {
    if (this.#target.format !== "json") return formatLogLine(level, message, fields);
    return `${JSON.stringify({ level, msg: message, time: new Date().toISOString(), ...fields })}\n`;
  }
}

function openLog(file: string): number {
  try {
    return openSync(file, "a", 0o644);
  } catch (error) {
    throw systemError(`log: open ${file}`, error);
  }
}
