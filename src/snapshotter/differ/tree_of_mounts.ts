import { isAbsolute } from "node:path";
import { Code, RundError } from "../../common/error.ts";
import type { Mount } from "../../proto/generated/containerd/types/mount.ts";

/**
 * The folder that mounts show, without mounting it, which not every system can: a single bind is its source. Undefined for
 * no mounts at all, which stand for nothing.
 * @throws RundError unimplemented for anything else, so that containerd asks its next differ
 */
export function treeOfMounts(mounts: readonly Mount[]): string | undefined {
  const [mount, ...others] = mounts;
  if (mount === undefined) return undefined;
  const isFolder = mount.type === "bind" && mount.target === "" && isAbsolute(mount.source);
  if (isFolder && others.length === 0) return mount.source;
  throw new RundError(Code.unimplemented, `mount ${mount.type}: only single binds can be compared`);
}
