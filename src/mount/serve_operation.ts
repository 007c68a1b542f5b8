import type { Mount } from "../oci/spec.ts";
import { hasOption, isReadOnly } from "./mount_kind.ts";
import { hostPath, type PlanContext } from "./plan_context.ts";
import type { HomeView, MountOperation } from "./types.ts";

/** Which sources an operation acts on: what a source is shows only when it is carried out. */
export type ServeScope = "all" | "files" | "folders";

/**
 * The operation that shows a bind mount by bindfs: `serve DEST SOURCE SCOPE ACCESS SERVER STAGING ASIDE LOG ARG...`.
 * With the scope `files` a folder only gets its mount point, with `folders` a file is left alone.
 */
export function serveOperation(
  context: PlanContext,
  mount: Mount,
  scope: ServeScope = "all",
): MountOperation {
  const source = hostPath(mount.source ?? "", context.bundle);
  const { staging, aside, log } = context.nextServer();
  const access = isReadOnly(mount) ? "ro" : "rw";
  const args = homeArguments(mount, source, context);
  return ["serve", mount.destination, source, scope, access, context.bindfs, staging, aside, log, ...args];
}

/** `--map` of bindfs: files of the image's user are shown as the jail's, and what that makes becomes the image's user's. */
function ownerMap({ uid, gid, imageUid, imageGid }: HomeView): string[] {
  const users = uid === imageUid ? [] : [`${imageUid}/${uid}`];
  const groups = gid === imageGid ? [] : [`@${imageGid}/@${gid}`];
  const pairs = [...users, ...groups];
  return pairs.length === 0 ? [] : [`--map=${pairs.join(":")}`];
}

/**
 * In a home a set-uid program would be one of the host's, and so would a device. A folder that the user can write to and
 * reach by another path keeps its owners: what it made set-uid there would run with the rights of the image's user.
 */
function homeArguments(mount: Mount, source: string, context: PlanContext): string[] {
  const { home } = context;
  if (home === undefined) return bindfsArguments(mount, context);
  const options = [...(mount.options ?? []), "nosuid", "nodev"];
  const keepsOwners = !isReadOnly(mount) && home.isReachable(source);
  return [...bindfsArguments({ ...mount, options }, context), ...(keepsOwners ? [] : ownerMap(home))];
}

/**
 * Arguments of bindfs (1.14 and later) without the two paths. `-f` keeps it our child; without `suid,dev` it would
 * ignore both, unlike a bind mount. `rbind` is its nature. On macOS a view inside a view is refused without
 * `allow_recursion`; the next two words keep Finder and its files out of it, and FUSE-T's NFS client would not see what
 * is changed behind its back without the last. FUSE knows the names of one file apart: with attributes kept for a
 * second, as is usual, what is written through one name is cut off for who reads another.
 */
export function bindfsArguments(
  mount: Mount,
  { platform, fuse }: Pick<PlanContext, "platform" | "fuse">,
): string[] {
  const words = [
    ...(hasOption(mount, "nosuid", "rnosuid") ? [] : ["suid"]),
    ...(hasOption(mount, "nodev", "rnodev") ? [] : ["dev"]),
    ...(hasOption(mount, "noexec", "rnoexec") ? ["noexec"] : []),
    ...(isReadOnly(mount) ? [] : ["attr_timeout=0"]),
    ...(platform === "darwin" ? ["allow_recursion", "nobrowse", "noappledouble"] : []),
    ...(platform === "darwin" && fuse === "fuse-t" ? ["noattrcache"] : []),
  ];
  return ["-f", ...(isReadOnly(mount) ? ["-r"] : []), ...(words.length > 0 ? ["-o", words.join(",")] : [])];
}
