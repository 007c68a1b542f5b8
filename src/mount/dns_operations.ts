import type { Mount } from "../oci/spec.ts";
import type { PlanContext } from "./plan_context.ts";
import type { MountOperation } from "./types.ts";

/** Where programs of macOS ask for names, in a jail as on the host: the socket of mDNSResponder. */
export const dnsSocket = "/var/run/mDNSResponder";

/** The same folder by both of its names, and what it is in. */
const folders = ["/var/run", "/private/var/run", "/var", "/private/var", "/private"];

/** The operation that puts the relay's socket into the jail: `dns DEST SERVICE LOG`, when everything is mounted. */
export function dnsOperations(context: PlanContext): MountOperation[] {
  const { dns, mounts } = context;
  const isTheirs = mounts.some(({ destination }) => destination.endsWith(dnsSocket));
  return dns === "" || isTheirs ? [] : [["dns", dnsSocket, dns, context.nextServer().toolLog]];
}

/**
 * In a view of a folder no socket can be made, and one that is made behind it is another to the kernel. So a jail with a
 * read-only root has a small file system there, unless its spec mounts something.
 */
export function dnsMounts({ dns, platform }: PlanContext, mounts: readonly Mount[]): Mount[] {
  const isMounted = mounts.some(({ destination }) => folders.includes(destination));
  if (dns === "" || platform !== "darwin" || isMounted) return [];
  const options = ["nosuid", "nodev", "noexec", "mode=755", "size=1m"];
  return [{ destination: "/var/run", type: "tmpfs", source: "tmpfs", options }];
}
