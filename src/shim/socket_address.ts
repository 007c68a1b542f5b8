import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where containerd's shims keep their sockets, whatever state folder containerd itself was given. */
const socketFolder = process.platform === "darwin" ? "/var/run/containerd/s" : "/run/containerd/s";

/**
 * Path of the socket of a shim: containerd's own derivation (`pkg/shim`: CreateSocketAddress), because
 * `ctr shim` computes it again.
 */
export function socketPath(containerdAddress: string, namespace: string, id: string): string {
  const digest = createHash("sha256")
    .update(join(containerdAddress, namespace, id))
    .digest("hex");
  return join(socketFolder, digest);
}
