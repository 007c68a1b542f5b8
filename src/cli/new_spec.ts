import type { Mount, Spec } from "../oci/spec.ts";
import { specVersion } from "../oci/state_document.ts";

const linuxMounts: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "devfs", source: "devfs" },
];

/** A jail on macOS has the host's devices, and nothing else to mount. */
const darwinMounts: readonly Mount[] = [{ destination: "/dev", type: "devfs", source: "devfs" }];

/** A spec to begin with: only what most programs need. */
export function newSpec(system: "linux" | "darwin"): Spec {
  return {
    ociVersion: specVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ["sh"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      cwd: "/",
    },
    root: { path: "rootfs", readonly: false },
    mounts: system === "linux" ? linuxMounts : darwinMounts,
  };
}
