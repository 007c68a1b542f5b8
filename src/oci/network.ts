import { statSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { Spec } from "./spec.ts";

/**
 * Jails share the host's network. A client that would set up a private one by itself must be stopped before it
 * does so: it takes the network namespace of our process, which is the host's own, and moves interfaces there.
 * @throws RundError failedPrecondition
 */
export function assertHostNetwork(spec: Spec, logger: Logger): void {
  const network = spec.linux?.namespaces?.find(({ type }) => type === "network");
  if (network === undefined || isHostNamespace(network.path)) return;
  if (network.path === undefined && !isSetUpByClient(spec)) {
    logger.info("network: the jail shares the host's, not the private one that its spec asks for");
    return;
  }
  throw new RundError(
    Code.failedPrecondition,
    "network: jails share the host's network, a private one cannot be set up: use --network host",
  );
}

function isHostNamespace(path: string | undefined): boolean {
  if (path === undefined) return false;
  try {
    return statSync(path).ino === statSync("/proc/self/ns/net").ino;
  } catch {
    return false;
  }
}

/**
 * docker and nerdctl bring files of their own for names and addresses, and set up the network between Create and
 * Start, or in a hook; ctr does neither.
 */
function isSetUpByClient(spec: Spec): boolean {
  const named = ["/etc/resolv.conf", "/etc/hosts", "/etc/hostname"];
  const bound = spec.mounts?.some(({ destination }) => named.includes(destination)) ?? false;
  return bound || Object.values(spec.hooks ?? {}).some((hooks) => hooks.length > 0);
}
