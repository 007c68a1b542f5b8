import { Code, RundError } from "../common/error.ts";
import type { Container } from "../container/container.ts";
import type { ProcessState } from "../container/state.ts";

/**
 * Refuses what a container's state does not allow. The reason has the words of runc's, which its clients look for.
 * @throws RundError failedPrecondition
 */
export function assertState(
  { init }: Container,
  allowed: (state: ProcessState) => boolean,
  reason: "container not running" | "container not paused",
): void {
  if (!allowed(init.state)) throw new RundError(Code.failedPrecondition, `${reason}: it is ${init.state}`);
}
