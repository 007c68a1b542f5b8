import { statSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { Spec } from "./spec.ts";

/**
 * Jails share the host's network. A private one that nobody but the runtime would set up is left out, and a note
 * says so. A client that would set it up by itself is refused before it does: it takes the network namespace of
 * the jail's process, which is the host's own, and moves interfaces and changes settings there.
 * @throws RundError failedPrecondition
 */
export function assertHostNetwork(spec: Spec, logger: Logger): void {
  const network = spec.linux?.namespaces?.find(({ type }) => type === "network");
  if (network === undefined) return;
  if (network.path) {
    if (isHostNamespace(network.path)) return;
  } else if (!isSetUpByClient(spec)) {
    logger.info("network: the jail shares the host's, not the private one of its spec");
    return;
  }
  throw new RundError(
    Code.failedPrecondition,
    "network: jails share the host's network, a private one cannot be set up: use --network host",
  );
}

/** Whether a namespace's file is that of the host: what docker's `--network container:` names for another jail. */
function isHostNamespace(path: string): boolean {
  try {
    const [named, own] = [statSync(path), statSync("/proc/self/ns/net")];
    return named.dev === own.dev && named.ino === own.ino;
  } catch {
    return false;
  }
}

/**
 * docker and nerdctl set a private network up between Create and Start, in a hook (docker 26, nerdctl) or
 * by themselves (docker 28, whose spec shows nothing of it). Both bind a file of their own over
 * `/etc/hostname` whatever the network is; ctr and BuildKit do not, and leave a new namespace as it is.
 */
function isSetUpByClient(spec: Spec): boolean {
  const named = spec.mounts?.some(({ destination }) => destination === "/etc/hostname") ?? false;
  return named || networkHooks.some((hook) => (spec.hooks?.[hook]?.length ?? 0) > 0);
}

/** The hooks that run when the namespaces are there and the program is not, by the runtime specification. */
const networkHooks = ["prestart", "createRuntime"] as const;
