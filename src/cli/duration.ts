import { Code, RundError } from "../common/error.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a time as Go writes it: `500ms`, `1.5s`, `1m30s`.
 * @throws RundError invalidArgument for what is none, or is no time at all
 */
export function duration(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join("") === text;
  const sum = parts.reduce((total, [, number, unit = ""]) => total + Number(number) * (units[unit] ?? 0), 0);
  if (whole && sum > 0) return sum;
  throw new RundError(Code.invalidArgument, `${flag} ${text}: must be a time such as 500ms, 5s or 1m`);
}
