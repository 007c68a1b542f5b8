import { Daemon } from "./daemon.ts";
import { shimFolder } from "./project_paths.ts";

/** The built snapshotter as a process of its own, in a folder. */
export class SnapshotterProcess extends Daemon {
  readonly root: string;
  readonly address: string;

  /**
   * @param folder takes its socket and log
   * @param root takes the snapshots
   * @param containerd address of the daemon whose content store takes layers
   */
  constructor(folder: string, root = `${folder}/snapshots`, containerd = `${folder}/c.sock`) {
    const address = `${folder}/snapshots.sock`;
    const args = ["--root", root, "--address", address, "--containerd", containerd];
    super({
      program: `${shimFolder()}/rund-snapshotter`,
      args: [...args, "--log-level", "debug"],
      env: process.env,
      socket: address,
      logFile: `${folder}/snapshotter.log`,
    });
    this.root = root;
    this.address = address;
  }

  /** What tells containerd of it: snapshots by the name of rund, layers compared by it and applied by containerd itself. */
  containerdConfig(): string {
    const architecture = process.arch === "arm64" ? "arm64" : "amd64";
    return `
[proxy_plugins.rund]
  type = "snapshot"
  address = "${this.address}"
[proxy_plugins.rund-diff]
  type = "diff"
  address = "${this.address}"
[plugins."io.containerd.service.v1.diff-service"]
  default = ["rund-diff", "walking"]
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
  platform = "linux/${architecture}"
  snapshotter = "rund"
  differ = "walking"
`;
  }
}
