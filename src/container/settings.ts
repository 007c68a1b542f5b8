import { choice } from "../common/choice.ts";
import type { MountDriverName } from "../mount/types.ts";
import { type Isolation, isolations } from "./isolation.ts";

/** What an administrator sets for all jails of a host, through the environment of containerd. */
export interface Settings {
  readonly driver: MountDriverName;
  /** How a root that could be chrooted into directly is served. */
  readonly root: "direct" | "bindfs";
  /** What keeps a jail apart from the host where neither its annotations nor the runtime's options say it. */
  readonly isolation: Isolation;
}

/**
 * Reads `RUND_MOUNT_DRIVER`, `RUND_ROOT` and `RUND_ISOLATION`.
 * @throws RundError invalidArgument that names the variable and what it may be
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const usual = process.platform === "linux" ? "kernel" : "bindfs";
  return {
    driver: choice(environment, "RUND_MOUNT_DRIVER", ["kernel", "bindfs"], usual),
    root: choice(environment, "RUND_ROOT", ["direct", "bindfs"], "direct"),
    isolation: choice(environment, "RUND_ISOLATION", isolations, "chroot"),
  };
}
