import { goPrograms } from "./go_programs.ts";
import { fetchPackages } from "./packages.ts";

export const containerdVersions = ["2.3", "2.1", "1.7", "1.6"] as const;
export type ContainerdVersion = (typeof containerdVersions)[number];

/** The folder with a containerd, its client and runc's shim: Debian's, or built from the source where there is no package. */
export async function containerdPrograms(version: ContainerdVersion): Promise<string> {
  if (version === "2.3") return containerd23();
  return `${await fetchPackages(`containerd-${version}`)}/usr/bin`;
}

function containerd23(): Promise<string> {
  return goPrograms({
    name: "containerd",
    module: "github.com/containerd/containerd/v2",
    version: "v2.3.4",
    commands: ["./cmd/containerd", "./cmd/ctr", "./cmd/containerd-shim-runc-v2"],
    goPatch: 3,
    // Kubernetes and other file systems take more than half of the time that it takes to compile.
    tags: ["no_cri", "no_btrfs", "no_devmapper", "no_zfs", "no_aufs", "no_tracing"],
    versionVariable: "github.com/containerd/containerd/v2/version.Version",
  });
}
