import type { LogFields } from "../common/log.ts";

/** Level names as containerd's own log has them. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** One line in the text format of containerd's log, into which the shim's lines are copied as they are. */
export function formatLogLine(level: LogLevel, message: string, fields: LogFields = {}): string {
  const words = [
    `time=${JSON.stringify(new Date().toISOString())}`,
    `level=${level}`,
    `msg=${JSON.stringify(message)}`,
  ];
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined)
      words.push(`${name}=${typeof value === "string" ? JSON.stringify(value) : value}`);
  }
  return `${words.join(" ")}\n`;
}
