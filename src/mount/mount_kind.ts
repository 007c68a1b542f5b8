import type { Mount } from "../oci/spec.ts";
import { isInDeviceFolder } from "./darwin_mounts.ts";

/** What the planner does about a mount of a spec. */
export type MountKind = "bind" | "filesystem" | "devfs" | "skipped" | "unknown";

const filesystems = new Set(["proc", "sysfs", "tmpfs", "devpts", "mqueue", "overlay"]);
/** A jail has no control groups of its own to show. */
const controlGroups = new Set(["cgroup", "cgroup2"]);
/** Linux's own that macOS has nothing like; a spec made for Linux still asks for them there. */
const linuxOnly = new Set(["proc", "sysfs", "devpts", "mqueue", "overlay"]);

export function mountKind(mount: Mount, platform: "linux" | "darwin"): MountKind {
  if (platform === "darwin" && isInDeviceFolder(mount)) return "skipped";
  if (isBind(mount)) return "bind";
  const type = mount.type ?? "";
  if (type === "devfs") return "devfs";
  if (controlGroups.has(type)) return "skipped";
  if (platform === "darwin" && linuxOnly.has(type)) return "skipped";
  return filesystems.has(type) ? "filesystem" : "unknown";
}

/** The type may be `none` or missing where the options say that it is a bind. */
export function isBind(mount: Mount): boolean {
  return mount.type === "bind" || hasOption(mount, "bind", "rbind");
}

export function isReadOnly(mount: Mount): boolean {
  return hasOption(mount, "ro", "rro");
}

/** Whether any of the words stands among the options. */
export function hasOption(mount: Mount, ...words: readonly string[]): boolean {
  return (mount.options ?? []).some((option) => words.includes(option));
}
