import { Code, RundError } from "../common/error.ts";

/** The life of one process of a container; the container's own state is that of its init. */
export type ProcessState = "created" | "running" | "paused" | "stopped" | "deleted";

/** The one list of legal moves. */
const transitions: Readonly<Record<ProcessState, readonly ProcessState[]>> = {
  created: ["running", "stopped", "deleted"],
  running: ["paused", "stopped"],
  paused: ["running", "stopped"],
  stopped: ["deleted"],
  deleted: [],
};

export const canStart = (state: ProcessState): boolean => state === "created";
export const canPause = (state: ProcessState): boolean => state === "running";
export const canResume = (state: ProcessState): boolean => state === "paused";
export const canDelete = (state: ProcessState): boolean => transitions[state].includes("deleted");
export const canSignal = (state: ProcessState): boolean => transitions[state].includes("stopped");
export const canExec = (state: ProcessState): boolean => state === "running" || state === "created";
export const canUpdate = canSignal;

/**
 * The next state, when that move is legal.
 * @throws RundError failedPrecondition
 */
export function transition(from: ProcessState, to: ProcessState): ProcessState {
  if (transitions[from].includes(to)) return to;
  throw new RundError(Code.failedPrecondition, `process: cannot go from ${from} to ${to}`);
}
