import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Code, RundError, systemError } from "../../common/error.ts";
import { ArchiveTarget } from "../../image/archive_target.ts";
import { ContainerdTarget } from "../../image/containerd_target.ts";
import type { ImageTarget } from "../../image/image_target.ts";
import { LayoutTarget } from "../../image/layout_target.ts";

export interface TargetFlags {
  readonly output?: string | undefined;
  readonly containerd?: boolean | undefined;
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
}

/**
 * Where the flags want an image.
 * @throws RundError when they say nothing of it or too much, or it cannot be there
 */
export async function imageTarget(flags: TargetFlags, signal: AbortSignal): Promise<ImageTarget> {
  const { output, address, namespace } = flags;
  const isContainerd = flags.containerd ?? (address ?? namespace) !== undefined;
  if ((output === undefined) !== isContainerd) {
    throw new RundError(
      Code.invalidArgument,
      "needs either --output FILE.tar, --output FOLDER or --containerd: see rund image --help",
    );
  }
  if (output === undefined) return await ContainerdTarget.open({ address, namespace, signal });
  const path = realPath(resolve(output));
  return path.endsWith(".tar") ? new ArchiveTarget(path) : new LayoutTarget(path);
}

/** As the walk through the host's files comes to it, should it lie among them. */
function realPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch (error) {
    throw systemError(dirname(path), error);
  }
}
