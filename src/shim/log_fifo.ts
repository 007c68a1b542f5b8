import { constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogFields, Logger } from "../common/log.ts";
import { formatLogLine, type LogLevel, logLevels } from "./log_line.ts";

/**
 * The shim's log: the bundle's fifo, which containerd reads. Not pino: loading it costs the shim's start more
 * than all else together (docs/architecture.md).
 *
 * The descriptor stays open for good, since a restarted containerd opens the same fifo again. A line that
 * nobody takes is dropped: a full or unread fifo must never stop a container. `least` is the lowest level that is written.
 */
export function openLogFifo(bundle: string, least: LogLevel): Logger {
  const descriptor = openFifo(join(bundle, "log"));
  const threshold = logLevels.indexOf(least);
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (descriptor === undefined || logLevels.indexOf(level) < threshold) return;
    try {
      writeSync(descriptor, formatLogLine(level, message, { runtime: "rund", ...fields }));
    } catch {}
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warning"),
    error: write("error"),
  };
}

function openFifo(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
