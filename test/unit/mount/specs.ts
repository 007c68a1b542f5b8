import type { MountRequest } from "../../../src/mount/types.ts";
import type { Mount } from "../../../src/oci/spec.ts";

/** A request of the kernel driver on Linux with nothing in it but the bundle. */
export function request(fields: Partial<MountRequest> = {}): MountRequest {
  return {
    bundle: "/b",
    rootPath: "",
    readonlyRoot: false,
    rootfs: [],
    mounts: [],
    driver: "kernel",
    platform: "linux",
    runtimeDirectory: "/run/rund",
    ...fields,
  };
}

/** The mounts that dockerd 28 sends for `docker run -v /src:/data:ro`. */
export const dockerMounts: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["ro", "nosuid", "noexec", "nodev"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/dev/shm", type: "bind", source: "/c/shm", options: ["rbind", "rprivate"] },
  { destination: "/etc/resolv.conf", type: "bind", source: "/c/resolv.conf", options: ["rbind", "rprivate"] },
  { destination: "/etc/hostname", type: "bind", source: "/c/hostname", options: ["rbind", "rprivate"] },
  { destination: "/etc/hosts", type: "bind", source: "/c/hosts", options: ["rbind", "rprivate"] },
  { destination: "/data", type: "bind", source: "/src", options: ["rbind", "ro", "rprivate"] },
];

/** The mounts that ctr's Linux spec has, on Linux and, from 2.2 on, also on a Mac. */
export const ctrMounts: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/run",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
];

/** The one mount of a spec made for macOS. */
export const darwinMounts: readonly Mount[] = [
  { destination: "/dev", type: "devfs", source: "devfs", options: [] },
];
