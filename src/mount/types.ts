import type { Mount } from "../oci/spec.ts";

/** How directories get into a jail: the kernel's own bind mounts (Linux only), or bindfs over FUSE. */
export type MountDriverName = "kernel" | "bindfs";

/** What the planner is told: all from the bundle, the Create request and the settings. */
export interface MountRequest {
  /** Absolute path of the bundle; `<bundle>/rootfs` is where a root is mounted when it must be mounted. */
  readonly bundle: string;
  /** `root.path` of the spec, may be empty or relative to the bundle. */
  readonly rootPath: string;
  readonly readonlyRoot: boolean;
  /** The mounts that make the root file system (`CreateTaskRequest.rootfs`), in order; destinations are ignored. */
  readonly rootfs: readonly Mount[];
  /** The mounts of the spec, in order, destinations inside the root. */
  readonly mounts: readonly Mount[];
  readonly driver: MountDriverName;
}

/**
 * Everything that was done to the host for one jail, as plain JSON. It is written to the bundle before each
 * step, so that `delete` can take all of it back after a crash of the shim.
 */
export interface MountRecord {
  /** Absolute host path that is chrooted into. */
  readonly root: string;
  readonly steps: readonly MountStep[];
}

/** One thing done, in order; it is undone in reverse order. */
export type MountStep =
  | { readonly kind: "mounted"; readonly target: string; readonly pid?: number }
  | { readonly kind: "stub"; readonly path: string; readonly directory: boolean }
  | {
      readonly kind: "placed";
      readonly path: string;
      readonly source: string;
      readonly writeBack: boolean;
    };
