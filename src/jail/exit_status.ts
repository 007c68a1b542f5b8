import { late } from "../common/late.ts";

/** The status a shell would show for what node:child_process tells of an end: the code, or 128 plus the signal's number. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal === null) return code ?? 255;
  return 128 + late("node:os").constants.signals[signal];
}
