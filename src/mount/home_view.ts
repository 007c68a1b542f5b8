import { isAbsolute, posix } from "node:path";
import { Code, RundError } from "../common/error.ts";
import type { Mount } from "../oci/spec.ts";
import { isBind, isReadOnly } from "./mount_kind.ts";
import type { PlanContext } from "./plan_context.ts";
import type { RootPlan } from "./plan_root.ts";
import { serveOperation } from "./serve_operation.ts";
import type { HomeView, MountOperation } from "./types.ts";

/** What only means something to a program that has a root directory of its own. */
const ownedByHost = ["/dev", "/proc", "/sys"];
const hostFiles = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/**
 * The mounts of a spec that a home can have: volumes, and file systems in memory where the client's user asked for them.
 * The rest the host has itself.
 */
export function homeMounts(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.filter((mount) => {
    const path = posix.normalize(mount.destination);
    if (ownedByHost.some((folder) => path === folder || path.startsWith(`${folder}/`))) return false;
    if (isBind(mount)) return !hostFiles.includes(path);
    return mount.type === "tmpfs" && path !== "/run";
  });
}

/**
 * The image's files as the home of a user: shown by bindfs, whatever the driver is, as if those of the image's user were
 * that user's. So nothing is changed in the image, and a layer names the image's user only.
 * @throws RundError invalidArgument for a root that is to be read-only, failedPrecondition for one that the user could
 * reach besides: set-uid programs of the image, or made in it, would be the host's there
 */
export function homeRoot(context: PlanContext, home: HomeView, image: RootPlan, folder?: string): RootPlan {
  const [given] = context.rootfs;
  if (context.readonlyRoot || (given !== undefined && isReadOnly(given)))
    throw new RundError(Code.invalidArgument, "root: a home cannot be read-only");
  const source = folder ?? image.root;
  assertClosed(home, [source, ...layersOf(context.rootfs)]);
  const mount: Mount = { destination: home.path, type: "bind", source, options: ["rw"] };
  const owner = [String(home.imageUid), String(home.imageGid)];
  const temporary: MountOperation = ["folder", home.temporary, "700", ...owner];
  const view: MountOperation[] = [["base", "/"], serveOperation(context, mount), ["jail", home.path]];
  // What is made for mounts is made in the image itself, where times of folders can be set back.
  return { root: home.path, open: [...image.open, temporary], view, close: [] };
}

/** The folders that the kernel makes the root of. */
function layersOf(rootfs: readonly Mount[]): string[] {
  const words = rootfs.flatMap(({ source = "", options = [] }) => [source, ...options]);
  return words.flatMap((word) => word.replace(/^(lower|upper)dir=/, "").split(":")).filter(isAbsolute);
}

function assertClosed(home: HomeView, folders: readonly string[]): void {
  const open = folders.find((folder) => home.isReachable(folder));
  if (open === undefined) return;
  throw new RundError(
    Code.failedPrecondition,
    `root: everybody can get to ${open}: a folder above it has to be closed to others (chmod o-x)`,
  );
}
