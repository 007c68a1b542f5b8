import { errnoOf } from "../common/error.ts";

/** Sends SIGKILL to a child that leads a session of its own, and to all that is in its process group. */
export function killSession(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    // It has ended a moment ago.
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}
