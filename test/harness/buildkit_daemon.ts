import { mkdir, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { buildkitdProgram } from "./buildkit_tools.ts";
import { Buildx } from "./buildx.ts";
import type { ContainerdDaemon } from "./containerd_daemon.ts";
import { rundRuntime } from "./ctr.ts";
import { Daemon } from "./daemon.ts";

export interface BuildkitOptions {
  /** Temporary folder for everything the daemon writes; its own, since several may be on one containerd. */
  readonly folder: string;
  readonly containerd: ContainerdDaemon;
  /** What runs the steps; rund by default. */
  readonly runtime?: string;
  /** Absolute path of a file with options of that runtime. */
  readonly runtimeOptions?: string;
  readonly snapshotter?: "native" | "overlayfs" | "rund";
  /** Addresses, `HOST:PORT`, of registries without TLS. */
  readonly registries?: readonly string[];
  /** Where the daemon keeps what belongs to builds only, if not in `folder`. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace that it takes for the host's. */
  readonly network?: string;
  /** Where it listens besides its own socket, with TLS that asks the client for a certificate too. */
  readonly remote?: RemoteAddress;
  /** What it says it can build; by default what the machine can run. */
  readonly platforms?: readonly string[];
}

/** An address `HOST:PORT`, and the files that prove who is there. */
export interface RemoteAddress {
  readonly address: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * A private buildkitd with a private containerd as its only worker: the steps of a build are containers of that
 * containerd, run by a shim. This is the way builds go on a Mac.
 */
export class BuildkitDaemon {
  readonly socket: string;
  readonly daemon: Daemon;
  readonly #options: BuildkitOptions;

  private constructor(options: BuildkitOptions, program: string) {
    this.#options = options;
    this.socket = `${options.folder}/b.sock`;
    this.daemon = new Daemon({
      program,
      args: ["--config", `${options.folder}/buildkitd.toml`],
      // Where it mounts what it copies from and to; elsewhere nobody would look for mounts that it leaves.
      env: { ...options.containerd.env, TMPDIR: `${options.folder}/tmp`, ...options.env },
      socket: this.socket,
      logFile: `${options.folder}/buildkitd.log`,
      ...(options.network !== undefined && { network: options.network }),
    });
  }

  static async start(options: BuildkitOptions): Promise<BuildkitDaemon> {
    const buildkitd = new BuildkitDaemon(options, await buildkitdProgram());
    await mkdir(`${options.folder}/tmp`, { recursive: true });
    await writeFile(`${options.folder}/buildkitd.toml`, buildkitd.#config());
    await buildkitd.daemon.start();
    return buildkitd;
  }

  /** `docker buildx` with this daemon as its builder, with settings of its own. */
  buildx(): Promise<Buildx> {
    return Buildx.remote(`unix://${this.socket}`, `${this.#options.folder}/client`);
  }

  get pid(): number {
    return this.daemon.pid;
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }

  #config(): string {
    const { folder, root, containerd, runtime, runtimeOptions, snapshotter, registries, remote, platforms } =
      this.#options;
    const addresses = [`unix://${this.socket}`, ...(remote === undefined ? [] : [`tcp://${remote.address}`])];
    const plain = (registries ?? []).map((address) => `[registry."${address}"]\n  http = true\n`);
    return `root = "${root ?? `${folder}/buildkit`}"
[log]
  level = "debug"
[grpc]
  address = ${JSON.stringify(addresses)}
${remote === undefined ? "" : tlsSection(remote)}[otel]
  socketPath = "${folder}/otel.sock"
[worker.oci]
  enabled = false
[worker.containerd]
  enabled = true
  address = "${containerd.address}"
  namespace = "${buildkitNamespace(basename(folder))}"
  snapshotter = "${snapshotter ?? "native"}"
  networkMode = "host"
${platforms === undefined ? "" : `  platforms = ${JSON.stringify(platforms)}\n`}  gc = false
[worker.containerd.runtime]
  name = "${runtime ?? rundRuntime}"
${runtimeOptions === undefined ? "" : `[worker.containerd.runtime.options]\n  ConfigPath = "${runtimeOptions}"\n`}${plain.join("")}`;
  }
}

function tlsSection({ ca, cert, key }: RemoteAddress): string {
  return `[grpc.tls]\n  ca = "${ca}"\n  cert = "${cert}"\n  key = "${key}"\n`;
}

/** Two daemons must not take each other's images and containers for their own; `name` is that of the daemon's folder. */
export function buildkitNamespace(name: string): string {
  return `buildkit-${name}`;
}
