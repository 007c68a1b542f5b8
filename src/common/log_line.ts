import type { LogFields } from "./log.ts";

/** Level names as containerd's own log has them, the one that says most first. */
export const logLevels = ["debug", "info", "warning", "error"] as const;

export type LogLevel = (typeof logLevels)[number];

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
