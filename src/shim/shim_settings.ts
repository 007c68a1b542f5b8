import { choice } from "../common/choice.ts";
import { Code, RundError } from "../common/error.ts";

/** What an administrator sets for the shims of a host, through the environment of containerd. */
export interface ShimSettings {
  /** How containerd talks to the daemon. */
  readonly transport: "ttrpc" | "grpc";
  /** Whether containers of one group share a daemon. */
  readonly grouping: boolean;
}

/**
 * Reads `RUND_TRANSPORT` and `RUND_GROUPING`.
 * @throws RundError invalidArgument that names the variable and what it may be, or what it cannot go with
 */
export function readShimSettings(environment: NodeJS.ProcessEnv): ShimSettings {
  const transport = choice(environment, "RUND_TRANSPORT", ["ttrpc", "grpc"], "ttrpc");
  const grouping = choice(environment, "RUND_GROUPING", ["0", "1"], "0") === "1";
  if (grouping && transport === "grpc")
    throw new RundError(Code.invalidArgument, "RUND_GROUPING: cannot be had with RUND_TRANSPORT=grpc");
  return { transport, grouping };
}
