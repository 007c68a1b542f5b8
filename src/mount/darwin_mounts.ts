import { posix } from "node:path";
import type { Mount } from "../oci/spec.ts";
import type { MountOperation } from "./types.ts";

const deviceFolder: Mount = { destination: "/dev", type: "devfs", source: "devfs" };

/**
 * The mounts of a spec as macOS can have them. Programs there need `/dev/null` and the like, which no image can bring,
 * so a jail whose spec says nothing of /dev gets it all the same.
 */
export function darwinMounts(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.some(({ destination }) => isDevice(destination)) ? mounts : [...mounts, deviceFolder];
}

/**
 * Folders that programs of macOS keep temporary files in, by the system's own modes. What is missing is made, and gone
 * again if nothing was put there, as a mount point is.
 */
export const darwinFolders: readonly MountOperation[] = [
  ["offer", "/private/tmp", "1777"],
  ["offer", "/private/var/folders", "755"],
];

/** Whether a mount stands in /dev, where only the kernel makes folders: a spec made for Linux has some there. */
export function isInDeviceFolder({ destination }: Mount): boolean {
  return posix.normalize(destination).startsWith("/dev/");
}

function isDevice(destination: string): boolean {
  return posix.normalize(`${destination}/`) === "/dev/";
}
