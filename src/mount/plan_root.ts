import { isAbsolute, join, normalize } from "node:path";
import { Code, RundError } from "../common/error.ts";
import type { Mount } from "../oci/spec.ts";
import { homeRoot } from "./home_view.ts";
import { isBind, isReadOnly } from "./mount_kind.ts";
import { journalPath } from "./mount_record.ts";
import { hostPath, type PlanContext } from "./plan_context.ts";
import { serveOperation } from "./serve_operation.ts";
import type { MountOperation } from "./types.ts";

/** How the root comes to be, around the operations of the mounts inside it. */
export interface RootPlan {
  readonly root: string;
  /** Ends with an operation that makes a folder the base in which mount points can be made. */
  readonly open: readonly MountOperation[];
  /**
   * Set when the root is a view of that folder, which then is the base: a read-only one, through which nothing can be made, or
   * a home. What the mounts need has to be made before.
   */
  readonly view?: readonly MountOperation[];
  readonly close: readonly MountOperation[];
}

/** Decides on the root. Throws invalidArgument for a root that no jail can have. */
export function planRoot(context: PlanContext): RootPlan {
  const folder = rootFolder(context);
  if (folder !== undefined && normalize(`${folder}/`) === "/") {
    throw new RundError(Code.invalidArgument, "root: is the host's own root");
  }
  const { home } = context;
  if (home !== undefined) {
    const image = folder === undefined ? kernelRoot(context, folder) : claimedRoot(context, folder);
    return homeRoot(context, home, image, folder);
  }
  if (context.driver === "kernel") return kernelRoot(context, folder);
  return folder === undefined ? kernelRoot(context, folder) : folderRoot(context, folder);
}

/** The folder that is the whole root as it stands, or undefined where it has to be mounted. */
function rootFolder(context: PlanContext): string | undefined {
  const { rootfs, rootPath, bundle } = context;
  const [first] = rootfs;
  if (first === undefined) return isAbsolute(rootPath) ? rootPath : join(bundle, rootPath || "rootfs");
  if (rootfs.length > 1 || !isBind(first)) return undefined;
  return first.source ? hostPath(first.source, bundle) : undefined;
}

/** The kernel mounts it: a mount of its own also for a plain folder, so that jails may share one. */
function kernelRoot(context: PlanContext, folder: string | undefined): RootPlan {
  const { mountedRoot, bundle, rootfs } = context;
  if (context.platform === "darwin") {
    throw new RundError(
      Code.invalidArgument,
      `mount ${mountedRoot}: macOS has no ${rootfs[0]?.type ?? "bind"} mounts`,
    );
  }
  const mounts: readonly Mount[] =
    rootfs.length > 0
      ? rootfs
      : [{ destination: "", type: "bind", source: folder ?? "", options: ["rbind"] }];
  const operations = mounts.map((mount): MountOperation => {
    const options = mount.options ?? [];
    if (!isBind(mount))
      return ["mount", mountedRoot, mount.type ?? "", mount.source ?? "", ...options, "private"];
    return ["bind", mountedRoot, hostPath(mount.source ?? "", bundle), ...options, "rprivate"];
  });
  return {
    root: mountedRoot,
    open: [["base", "/"], ...operations, ["jail", mountedRoot]],
    close: context.readonlyRoot ? [["readonly"]] : [],
  };
}

/** The folder itself, as long as no other container has it. */
function claimedRoot(context: PlanContext, folder: string): RootPlan {
  const claims = join(context.runtimeDirectory, "roots");
  const claim: MountOperation = ["claim", claims, folder, journalPath(context.folder)];
  return { root: folder, open: [claim, ["jail", folder]], close: [] };
}

/** Chroots into the folder itself, or into a bindfs view of it where that must be. */
function folderRoot(context: PlanContext, folder: string): RootPlan {
  const { mountedRoot } = context;
  const [given] = context.rootfs;
  const readOnly = context.readonlyRoot || (given !== undefined && isReadOnly(given));
  const claimed = claimedRoot(context, folder);
  const { open } = claimed;
  if (!readOnly && context.root === "direct") return claimed;
  const mount: Mount = {
    destination: mountedRoot,
    type: "bind",
    source: folder,
    options: [readOnly ? "ro" : "rw"],
  };
  const view: MountOperation[] = [["base", "/"], serveOperation(context, mount), ["jail", mountedRoot]];
  if (readOnly) return { root: mountedRoot, open, view, close: [] };
  return { root: mountedRoot, open: [...open.slice(0, 1), ...view], close: [] };
}
