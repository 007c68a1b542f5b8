/** Which driver makes the mounts of the run's containers. */
export type MountDriverName = "kernel" | "bindfs";

/** How test files reach the daemons that were started for the whole run. */
export interface SharedDaemons {
  readonly mountDriver: MountDriverName;
  /** Temporary folder of the run. */
  readonly folder: string;
  /** The busybox tree, for `--rootfs`; shared, so it is copied before it is written to. */
  readonly rootfs: string;
  /** The busybox image as an archive. */
  readonly archive: string;
  readonly ctr: string;
  readonly address: string;
  readonly ttrpcAddress: string;
  /** containerd's state folder, in which bundles lie at `io.containerd.runtime.v2.task/NAMESPACE/ID`. */
  readonly state: string;
  readonly containerdPid: number;
  /** PATH of the daemons: shims, runc and bindfs are on it. */
  readonly path: string;
  readonly docker: string;
  readonly dockerSocket: string;
  readonly dockerSettings: string;
  readonly dockerdPid: number;
  readonly logs: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    daemons: SharedDaemons;
  }
}
