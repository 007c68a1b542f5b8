import { Code, RundError } from "../common/error.ts";
import type { Hook } from "../oci/spec.ts";

/** How a hook ended: its status as a shell shows it, or that its time was up. */
export type HookEnd = number | "late";

/** How much of what a failing hook said goes into an error, in bytes. */
export const longestHookText = 4096;

/** Milliseconds that a hook may take, or undefined for as long as it wants, which the specification allows. */
export function hookTimeLimit(hook: Hook, most = Number.POSITIVE_INFINITY): number | undefined {
  const own = hook.timeout ? hook.timeout * 1000 : Number.POSITIVE_INFINITY;
  const limit = Math.min(own, most);
  return Number.isFinite(limit) ? limit : undefined;
}

/**
 * Fails unless the hook has succeeded. `said` is what it wrote to standard error.
 * @throws RundError aborted
 */
export function assertHookEnd(end: HookEnd, said: string, limit: number | undefined): void {
  if (end === 0) return;
  const how = end === "late" ? `not done after ${(limit ?? 0) / 1000} s, killed` : `exit status ${end}`;
  const text = said.trim();
  throw new RundError(Code.aborted, text === "" ? how : `${how}: ${text}`);
}
