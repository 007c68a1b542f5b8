import { Code, RundError } from "../common/error.ts";
import type { Mount } from "../oci/spec.ts";
import { hasOption } from "./mount_kind.ts";
import type { PlanContext } from "./plan_context.ts";
import type { MountOperation } from "./types.ts";

/**
 * The operation by which a program of macOS mounts: `tool DEST MODE UID GID LOG PROGRAM ARG...`, the mount point's path
 * comes behind the arguments (src/jail/launcher/mount_tool.h).
 */
export function darwinOperation(context: PlanContext, mount: Mount): MountOperation {
  if (mount.type === "tmpfs" && mount.destination !== "/dev") return tmpfsOperation(context, mount);
  const [none, log] = ["", context.nextServer().toolLog];
  // mount_devfs takes two arguments and ignores the first. Options of a Linux tmpfs on /dev mean nothing to it.
  return ["tool", mount.destination, none, none, none, log, context.tools.devfs, "devfs"];
}

/**
 * `mount_tmpfs [-o OPTIONS] [-n NODES] [-s BYTES] DIR`, macOS 11 and later. Without -e names are found in any case, as
 * on most Macs' disks. Its root belongs to whoever mounts, so mode and owner are given to it afterwards.
 */
function tmpfsOperation(context: PlanContext, mount: Mount): MountOperation {
  const flags = ["nosuid", "nodev", "noexec"].filter((word) => hasOption(mount, word, `r${word}`));
  const readOnly = hasOption(mount, "ro", "rro") ? ["rdonly"] : [];
  const words = [...flags, ...readOnly];
  const nodes = amount(mount, "nr_inodes");
  const size = amount(mount, "size");
  refuse(mount, "tmpcopyup", "idmap", "ridmap");
  return [
    "tool",
    mount.destination,
    // A Linux tmpfs that is asked for nothing is everybody's; one that cannot be written to keeps what it has.
    readOnly.length > 0 ? "" : (value(mount, "mode") ?? "1777"),
    value(mount, "uid") ?? "",
    value(mount, "gid") ?? "",
    context.nextServer().toolLog,
    context.tools.tmpfs,
    ...(words.length > 0 ? ["-o", words.join(",")] : []),
    ...(nodes > 0 ? ["-n", String(nodes)] : []),
    ...(size > 0 ? ["-s", String(size)] : []),
  ];
}

function value({ options = [] }: Mount, name: string): string | undefined {
  return options.findLast((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}

const factors: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** A number with a unit as Linux reads it; 0 for none at all, for Linux's "no limit" and for a share of the memory. */
function amount(mount: Mount, name: string): number {
  const text = value(mount, name) ?? "0";
  const [, digits, unit = ""] = /^(\d+)([kmgt%]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw bad(mount, `${name}=${text}: not a number`);
  return Number(digits) * (factors[unit.toLowerCase()] ?? 0);
}

function refuse(mount: Mount, ...words: readonly string[]): void {
  const found = words.find((word) => hasOption(mount, word));
  if (found !== undefined) throw bad(mount, `option ${found} is not possible on macOS`);
}

function bad(mount: Mount, reason: string): RundError {
  return new RundError(Code.invalidArgument, `mount ${mount.destination}: ${reason}`);
}
