import type { Device, Mount } from "../oci/spec.ts";
import type { FuseProvider } from "../platform/platform.ts";

/** How directories get into a jail: the kernel's own bind mounts (Linux only), or bindfs over FUSE. */
export type MountDriverName = "kernel" | "bindfs";

/** Absolute paths of the programs that mount macOS's own file systems. */
export interface MountTools {
  readonly devfs: string;
  readonly tmpfs: string;
}

/** The root as the home of a user, in place of a root directory. */
export interface HomeView {
  /** Absolute host path at which it is mounted. */
  readonly path: string;
  /** Path in it of the folder for temporary files, which is made when the image has none. */
  readonly temporary: string;
  /** The user, and the one whose files in the image, and in volumes, are the user's. */
  readonly uid: number;
  readonly gid: number;
  readonly imageUid: number;
  readonly imageGid: number;
  /** Whether the user can get into a folder of the host by its path. */
  isReachable(path: string): boolean;
}

/** What the planner is told: all from the bundle, the Create request and the settings. */
export interface MountRequest {
  /** Absolute path of the bundle, to which paths in it are relative. */
  readonly bundle: string;
  /**
   * Absolute path of the container's folder, for the journal; `<folder>/rootfs` is where a root is mounted when it must be
   * mounted. The bundle when left out.
   */
  readonly folder?: string;
  /** `root.path` of the spec, may be empty or relative to the bundle. */
  readonly rootPath: string;
  readonly readonlyRoot: boolean;
  /** The mounts that make the root file system (`CreateTaskRequest.rootfs`), in order; destinations are ignored. */
  readonly rootfs: readonly Mount[];
  /** The mounts of the spec, in order, destinations inside the root. */
  readonly mounts: readonly Mount[];
  readonly driver: MountDriverName;
  /** `linux.devices` of the spec. */
  readonly devices?: readonly Device[];
  /** `linux.maskedPaths` and `linux.readonlyPaths` of the spec. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Only for the bindfs driver: whether a folder that could be the root as it is goes through bindfs all the same. */
  readonly root?: "direct" | "bindfs";
  /** Makes the root a home. Folders go through bindfs then, whatever the driver is. */
  readonly home?: HomeView;
  /** The bindfs program, a path or a name for PATH; "bindfs" when left out. */
  readonly bindfs?: string;
  /** What bindfs works with; left out, it is looked for. Only macOS has a choice. */
  readonly fuse?: FuseProvider;
  /** macOS's own programs; others stand in for them in tests. */
  readonly tools?: MountTools;
  /**
   * The host's socket that lookups of names go to, relayed from `/var/run/mDNSResponder` in the jail; "" for no lookups.
   * macOS's own when left out there, and on Linux none, where programs ask name servers by themselves.
   */
  readonly dns?: string;
  /** The host's system; this one when left out. */
  readonly platform?: "linux" | "darwin";
  /** Where claims on roots and the first mount points of bindfs are; the platform's own when left out. */
  readonly runtimeDirectory?: string;
}

/**
 * One operation for the launcher: its name, then its fields. They are listed in `src/jail/launcher/mount_main.c` and
 * `mount_linux.c` there; any text passes but NUL.
 */
export type MountOperation = readonly [name: string, ...fields: string[]];

/** What is going to be done to the host, in order. */
export interface MountPlan {
  /** Absolute host path that will be chrooted into. */
  readonly root: string;
  /** Absolute path of the file in which the launcher keeps its journal. */
  readonly journal: string;
  readonly operations: readonly MountOperation[];
  /** What of the request was left out and why, for the log. */
  readonly notes: readonly string[];
}

/**
 * What `undoMounts` needs, as plain JSON. The steps themselves stand in the journal, a file in the bundle that the
 * launcher writes: what is about to happen before, how it can be told again after. So there is no moment in which
 * something is done and nobody knows of it, whoever is killed.
 */
export interface MountRecord {
  /** Absolute host path that is chrooted into. */
  readonly root: string;
  readonly journal: string;
}
