import { join } from "node:path";
// Not node:crypto, which takes 3 ms to load: a third of the time that `start` takes.
import { hash } from "fast-sha256";

/** Where containerd's shims keep their sockets, whatever state folder containerd itself was given. */
const usualFolder = process.platform === "darwin" ? "/var/run/containerd/s" : "/run/containerd/s";

/**
 * Path of the socket of a shim: containerd's own derivation (`pkg/shim`: CreateSocketAddress), because
 * `ctr shim` computes it again. `name` is the container's id, or the group's for a shim of several containers.
 */
export function socketPath(
  containerdAddress: string,
  namespace: string,
  name: string,
  folder: string = usualFolder,
): string {
  const digest = Buffer.from(hash(Buffer.from(join(containerdAddress, namespace, name)))).toString("hex");
  return join(folder, digest);
}
