import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogFields, Logger } from "../common/log.ts";
import { formatLogLine, type LogLevel, logLevels } from "../common/log_line.ts";

/**
 * The shim's log: the bundle's fifo, which containerd reads. Not pino: loading it costs the shim's start more
 * than all else together (docs/architecture.md).
 *
 * The descriptor stays open for good, since a restarted containerd opens the same fifo again. A line that
 * nobody takes is dropped: a full or unread fifo must never stop a container. Where a shim serves several
 * containers, a line goes to the first of their fifos that takes it, as each lasts only as long as its container.
 */
export class LogFifo {
  readonly logger: Logger;
  readonly #descriptors = new Map<string, number>();
  readonly #threshold: number;

  /** `least` is the lowest level that is written. */
  constructor(bundle: string, least: LogLevel) {
    this.#threshold = logLevels.indexOf(least);
    this.add(bundle);
    const write = (level: LogLevel) => (message: string, fields?: LogFields) =>
      this.#write(level, message, fields);
    this.logger = {
      debug: write("debug"),
      info: write("info"),
      warn: write("warning"),
      error: write("error"),
    };
  }

  /** Takes the fifo of one more bundle. */
  add(bundle: string): void {
    if (this.#descriptors.has(bundle)) return;
    const descriptor = openFifo(join(bundle, "log"));
    if (descriptor !== undefined) this.#descriptors.set(bundle, descriptor);
  }

  /** Lets go of a bundle's fifo, unless it is the last. */
  remove(bundle: string): void {
    const descriptor = this.#descriptors.get(bundle);
    if (descriptor === undefined || this.#descriptors.size === 1) return;
    this.#descriptors.delete(bundle);
    closeSync(descriptor);
  }

  #write(level: LogLevel, message: string, fields?: LogFields): void {
    if (logLevels.indexOf(level) < this.#threshold) return;
    const line = formatLogLine(level, message, { runtime: "rund", ...fields });
    for (const descriptor of this.#descriptors.values()) {
      try {
        writeSync(descriptor, line);
        return;
      } catch {}
    }
  }
}

function openFifo(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
