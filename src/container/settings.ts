import { choice } from "../common/choice.ts";
import type { MountDriverName } from "../mount/types.ts";

/** What an administrator sets for all jails of a host, through the environment of containerd. */
export interface Settings {
  readonly driver: MountDriverName;
  /** How a root that could be chrooted into directly is served. */
  readonly root: "direct" | "bindfs";
}

/**
 * Reads `RUND_MOUNT_DRIVER` and `RUND_ROOT`.
 * @throws RundError invalidArgument that names the variable and what it may be
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const usual = process.platform === "linux" ? "kernel" : "bindfs";
  return {
    driver: choice(environment, "RUND_MOUNT_DRIVER", ["kernel", "bindfs"], usual),
    root: choice(environment, "RUND_ROOT", ["direct", "bindfs"], "direct"),
  };
}
