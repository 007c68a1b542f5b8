import { destination, pino } from "pino";
import type { LogFields, Logger } from "../common/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Lines of JSON on standard error, for the journal or launchd's log file. */
export function createLogger(level: LogLevel): Logger {
  const output = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    destination({ dest: 2, sync: true }),
  );
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      output[name](fields, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
