import { isAbsolute, join } from "node:path";
import { late } from "../common/late.ts";
import { platform } from "../platform/platform.ts";
import { dnsSocket } from "./dns_operations.ts";
import type { HomeView, MountRequest } from "./types.ts";

/** The request with everything that may be left out filled in, and the paths that follow from it. */
export interface PlanContext extends Required<Omit<MountRequest, "home">> {
  readonly home?: HomeView;
  /** Where a root is mounted. */
  readonly mountedRoot: string;
  /** Names of folders and files for the next bindfs, no two alike. */
  nextServer(): ServerPaths;
}

export interface ServerPaths {
  /** Where bindfs mounts first, outside of any jail; empty where the system can't move a mount on to its place. */
  readonly staging: string;
  /** Where an original file of the image is kept while a file is placed over it. */
  readonly aside: string;
  readonly log: string;
  /** The same for a program that mounts and ends. */
  readonly toolLog: string;
}

export function planContext(request: MountRequest): PlanContext {
  const host = platform();
  const folder = request.folder ?? request.bundle;
  const runtimeDirectory = request.runtimeDirectory ?? host.runtimeDirectory;
  const system = request.platform ?? host.name;
  let servers = 0;
  return {
    devices: [],
    maskedPaths: [],
    readonlyPaths: [],
    root: "direct",
    bindfs: "bindfs",
    fuse: system === host.name ? host.fuseProvider() : "macfuse",
    dns: system === "darwin" ? dnsSocket : "",
    tools: { devfs: "/sbin/mount_devfs", tmpfs: "/sbin/mount_tmpfs" },
    ...request,
    folder,
    platform: system,
    runtimeDirectory,
    mountedRoot: join(folder, "rootfs"),
    nextServer() {
      const number = servers++;
      const container = late("node:crypto").createHash("sha256").update(folder).digest("hex").slice(0, 16);
      return {
        staging: system === "linux" ? join(runtimeDirectory, "mounts", `${container}-${number}`) : "",
        aside: join(folder, `mounts.aside-${number}`),
        log: join(folder, `mounts.bindfs-${number}.log`),
        toolLog: join(folder, `mounts.tool-${number}.log`),
      };
    },
  };
}

/** The source of a bind may be relative to the bundle. */
export function hostPath(path: string, bundle: string): string {
  return isAbsolute(path) ? path : join(bundle, path);
}
