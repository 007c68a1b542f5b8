import { isAbsolute } from "node:path";
import { choice } from "../common/choice.ts";
import { Code, RundError } from "../common/error.ts";
import type { MountDriverName } from "../mount/types.ts";
import { type Isolation, isolations } from "./isolation.ts";

/** What an administrator sets for all jails of a host, through the environment of containerd. */
export interface Settings {
  readonly driver: MountDriverName;
  /** How a root that could be chrooted into directly is served. */
  readonly root: "direct" | "bindfs";
  /** The host's socket for lookups of names, "" for none; left out, the system's own. */
  readonly dns?: string;
  /** What keeps a jail apart from the host where neither its annotations nor the runtime's options say it. */
  readonly isolation: Isolation;
}

/**
 * Reads `RUND_MOUNT_DRIVER`, `RUND_ROOT`, `RUND_DNS_SOCKET` and `RUND_ISOLATION`.
 * @throws RundError invalidArgument that names the variable and what it may be
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const usual = process.platform === "linux" ? "kernel" : "bindfs";
  const dns = environment["RUND_DNS_SOCKET"];
  return {
    driver: choice(environment, "RUND_MOUNT_DRIVER", ["kernel", "bindfs"], usual),
    root: choice(environment, "RUND_ROOT", ["direct", "bindfs"], "direct"),
    ...(dns && { dns: dnsSocket(dns) }),
    isolation: choice(environment, "RUND_ISOLATION", isolations, "chroot"),
  };
}

function dnsSocket(text: string): string {
  if (text === "none") return "";
  if (isAbsolute(text)) return text;
  throw new RundError(
    Code.invalidArgument,
    `RUND_DNS_SOCKET: "${text}" is neither an absolute path nor none`,
  );
}
