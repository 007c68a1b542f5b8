import type { ProcessState } from "../container/state.ts";
import { Status } from "../proto/generated/containerd/types/task.ts";

const statusByState: Readonly<Record<ProcessState, Status>> = {
  created: Status.CREATED,
  running: Status.RUNNING,
  paused: Status.PAUSED,
  stopped: Status.STOPPED,
  deleted: Status.STOPPED,
};

/** A process's state in containerd's words. */
export function taskStatus(state: ProcessState): Status {
  return statusByState[state];
}
