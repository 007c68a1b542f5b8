import { posix } from "node:path";
import type { Mount } from "../oci/spec.ts";

/** Whether a mount's destination is inside that of another, as far as the names tell. */
export function isInside(mount: Mount, others: readonly Mount[]): boolean {
  const path = posix.normalize(mount.destination);
  return others.some((other) => path.startsWith(`${posix.normalize(other.destination)}/`));
}
