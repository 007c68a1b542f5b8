import { constants } from "node:os";
import { Code, RundError } from "../common/error.ts";

/** What Linux leaves to programs, as its C library counts it. No system has a number above it. */
const [lowest, highest] = [34, 64];

/**
 * The number of a signal that is named as kill(1) takes it: `SIGTERM`, `term` or `15`.
 * @throws RundError invalidArgument
 */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= highest) return Number(text);
  const name = text.toUpperCase().replace(/^(SIG)?/, "SIG");
  const number = (constants.signals as Readonly<Record<string, number>>)[name] ?? realTime(name);
  if (number !== undefined) return number;
  throw new RundError(Code.invalidArgument, `signal ${text}: unknown`);
}

function realTime(name: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  const [, end, distance = "0"] = /^SIGRT(MIN|MAX)(?:[+-](\d+))?$/.exec(name) ?? [];
  if (end === undefined) return undefined;
  const number = end === "MIN" ? lowest + Number(distance) : highest - Number(distance);
  return number >= lowest && number <= highest ? number : undefined;
}
