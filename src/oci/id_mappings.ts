import { Code, RundError } from "../common/error.ts";
import type { Spec } from "./spec.ts";

/**
 * Refuses a spec whose users are not the host's. Where a user namespace is asked for, root of the container is meant to
 * be nobody on the host; in a jail it would be the host's root.
 * @throws RundError failedPrecondition
 */
export function assertHostUsers({ linux, mounts }: Spec): void {
  const asked = linux?.namespaces?.some(({ type }) => type === "user") ?? false;
  if (asked || isMapped(linux)) fail("users: jails share the host's, a user namespace cannot be set up");
  const mount = mounts?.find(isMapped);
  if (mount !== undefined)
    fail(`mount ${mount.destination}: jails share the host's users, ids cannot be mapped`);
}

interface Mapped {
  readonly uidMappings?: readonly unknown[];
  readonly gidMappings?: readonly unknown[];
}

function isMapped(value: Mapped | undefined): boolean {
  return (value?.uidMappings?.length ?? 0) + (value?.gidMappings?.length ?? 0) > 0;
}

function fail(message: string): never {
  throw new RundError(Code.failedPrecondition, message);
}
