import { darwin } from "./darwin.ts";
import type { HostUsers } from "./host_users.ts";
import { linux } from "./linux.ts";
import type { MountEntry } from "./mount_entry.ts";

/** What a FUSE file server works with: the kernel's own on Linux; on macOS a kernel extension, or a server of NFS. */
export type FuseProvider = "libfuse" | "macfuse" | "fuse-t";

/** What differs between the systems rund runs on. */
export interface Platform {
  readonly name: "linux" | "darwin";
  /** How directories get into a jail unless a setting says otherwise. */
  readonly mountDriver: "kernel" | "bindfs";
  /** Folder for what belongs to running jails and may be gone after a restart of the machine. */
  readonly runtimeDirectory: string;
  /** Folder for the homes of users that are made for jails: others than root must be able to go through it. */
  readonly homesDirectory: string;
  /** The system's way to make and remove users; loaded when it is asked for. */
  users(): Promise<HostUsers>;
  /** Which one the installed bindfs uses. */
  fuseProvider(): FuseProvider;
  /** All mounts that can be seen, in the system's order. It never touches the mounts, so a dead one does not hang it. */
  readMountTable(): Promise<MountEntry[]>;
}

/** The platform of this host. Any system that is not macOS is taken for Linux. */
export function platform(): Platform {
  return process.platform === "darwin" ? darwin : linux;
}
