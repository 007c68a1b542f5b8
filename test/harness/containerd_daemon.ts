import { mkdir, writeFile } from "node:fs/promises";
import type { ContainerdVersion } from "./containerd_programs.ts";
import { Ctr } from "./ctr.ts";
import { Daemon } from "./daemon.ts";
import { exists } from "./debian_suite.ts";
import { shimFolder } from "./project_paths.ts";
import { type ContainerdTools, containerdTools } from "./tools.ts";
import { usualContainerd } from "./versions.ts";

export interface ContainerdOptions {
  /** Temporary folder for everything the daemon writes. */
  readonly folder: string;
  readonly version?: ContainerdVersion;
  /** Stands first on the daemon's PATH. */
  readonly shimFolder?: string;
  /** Goes to the daemon and from there to its shims. */
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace that it and its containers take for the host's. */
  readonly network?: string;
  /** More of its configuration file, such as proxy plugins. */
  readonly config?: string;
}

/** A private containerd: own root, state and sockets, and only the plugins that the tests need. */
export class ContainerdDaemon {
  readonly version: ContainerdVersion;
  readonly address: string;
  readonly ttrpcAddress: string;
  /** Serves Go's profiles over HTTP, as `/debug/pprof/`. */
  readonly debugAddress: string;
  readonly root: string;
  readonly state: string;
  readonly tools: ContainerdTools;
  readonly daemon: Daemon;
  readonly env: NodeJS.ProcessEnv;

  private constructor(options: ContainerdOptions, tools: ContainerdTools) {
    this.version = options.version ?? usualContainerd();
    this.address = `${options.folder}/c.sock`;
    this.ttrpcAddress = `${this.address}.ttrpc`;
    this.debugAddress = `${options.folder}/debug.sock`;
    this.root = `${options.folder}/root`;
    this.state = `${options.folder}/state`;
    this.tools = tools;
    const path = [options.shimFolder ?? shimFolder(), ...tools.path, process.env["PATH"]];
    this.env = { ...process.env, ...options.env, PATH: path.join(":") };
    this.daemon = new Daemon({
      program: tools.containerd,
      args: ["--config", `${options.folder}/containerd.toml`],
      env: this.env,
      socket: this.address,
      logFile: `${options.folder}/containerd.log`,
      ...(options.network !== undefined && { network: options.network }),
    });
  }

  static async start(options: ContainerdOptions): Promise<ContainerdDaemon> {
    const shim = `${options.shimFolder ?? shimFolder()}/containerd-shim-rund-v1`;
    if (!(await exists(shim))) throw new Error(`${shim}: not built, "npm run build" makes it`);
    const tools = await containerdTools(options.version ?? usualContainerd());
    const containerd = new ContainerdDaemon(options, tools);
    await mkdir(options.folder, { recursive: true });
    const config = `${containerd.#config()}${options.config ?? ""}`;
    await writeFile(`${options.folder}/containerd.toml`, config);
    await containerd.daemon.start();
    return containerd;
  }

  /** containerd's own client, in a namespace. */
  ctr(namespace = "rund"): Ctr {
    return new Ctr(this.tools.ctr, this.address, namespace);
  }

  get pid(): number {
    return this.daemon.pid;
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }

  kill(): Promise<void> {
    return this.daemon.kill();
  }

  start(): Promise<void> {
    return this.daemon.start();
  }

  async restart(): Promise<void> {
    await this.daemon.stop();
    await this.daemon.start();
  }

  #config(): string {
    const disabled = this.version.startsWith("2.") ? [...unneeded, ...unneededSince2] : unneeded;
    return `version = 2
root = "${this.root}"
state = "${this.state}"
disabled_plugins = ${JSON.stringify(disabled)}
[grpc]
  address = "${this.address}"
[ttrpc]
  address = "${this.ttrpcAddress}"
[debug]
  address = "${this.debugAddress}"
  level = "debug"
`;
  }
}

/** Kubernetes, hooks into other programs, /opt, and snapshotters for other file systems. */
const unneeded = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing",
  "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
];

const unneededSince2 = [
  "io.containerd.cri.v1.images",
  "io.containerd.cri.v1.runtime",
  "io.containerd.snapshotter.v1.erofs",
  "io.containerd.differ.v1.erofs",
  "io.containerd.podsandbox.controller.v1.podsandbox",
];
