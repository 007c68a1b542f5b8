import type { Mount, Rlimit, Spec, User } from "../../../src/oci/spec.ts";
import { uniqueId } from "../../harness/unique_id.ts";

export interface JailSpecOptions {
  /** Absolute path of the root folder. */
  readonly rootfs: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Beside PATH. */
  readonly env?: readonly string[];
  readonly user?: User;
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly width: number; readonly height: number };
  readonly rlimits?: readonly Rlimit[];
  /** Beside /proc, /dev and /dev/pts. */
  readonly mounts?: readonly Mount[];
  readonly readonlyRoot?: boolean;
}

export const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a Linux program cannot do without, the terminal included. */
const pseudoFileSystems: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
];

/** A small Linux-shaped spec that rund and runc both run: what a test does not name is as plain as can be. */
export function jailSpec(options: JailSpecOptions): Spec {
  const { rootfs, args, cwd = "/", env = [], user = { uid: 0, gid: 0 }, terminal = false } = options;
  return {
    ociVersion: "1.1.0",
    process: {
      args,
      cwd,
      env: [path, ...env],
      user,
      terminal,
      ...(options.consoleSize && { consoleSize: options.consoleSize }),
      ...(options.rlimits && { rlimits: options.rlimits }),
    },
    root: { path: rootfs, readonly: options.readonlyRoot ?? false },
    mounts: [...pseudoFileSystems, ...(options.mounts ?? [])],
    linux: {
      namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
      // runc would leave its default's folders behind; these the harness removes.
      ...({ cgroupsPath: `/rund/${uniqueId("spec")}` } as object),
    },
  };
}
