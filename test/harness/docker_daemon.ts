import { mkdir, writeFile } from "node:fs/promises";
import type { ContainerdDaemon } from "./containerd_daemon.ts";
import { Daemon } from "./daemon.ts";
import { Docker } from "./docker.ts";
import { rundCommand } from "./rund_command.ts";
import { type DockerTools, type DockerVersion, dockerTools } from "./tools.ts";
import { type DockerStorage, usualDocker, usualStorage } from "./versions.ts";

export interface DockerOptions {
  /** Temporary folder for everything the daemon writes. */
  readonly folder: string;
  readonly containerd: ContainerdDaemon;
  readonly version?: DockerVersion;
  readonly storage?: DockerStorage;
  readonly env?: Readonly<Record<string, string>>;
  /** The OCI runtime on the command line that runs the steps of its own builds; runc when left out. */
  readonly builds?: "rund";
  /** The network namespace that it takes for the host's: there, and only there, it makes its bridge. */
  readonly network?: string;
}

/** A private dockerd on a private containerd: rund is its default runtime, runc the other, and it makes no network. */
export class DockerDaemon {
  readonly storage: DockerStorage;
  readonly socket: string;
  readonly daemon: Daemon;
  readonly #folder: string;
  readonly #tools: DockerTools;

  private constructor(options: DockerOptions, tools: DockerTools, command: string | undefined) {
    this.storage = options.storage ?? usualStorage();
    this.#folder = options.folder;
    this.#tools = tools;
    this.socket = `${options.folder}/d.sock`;
    this.daemon = new Daemon({
      program: tools.dockerd,
      args: [
        ...["--config-file", `${options.folder}/daemon.json`, "-H", `unix://${this.socket}`],
        ...["--containerd", options.containerd.address],
        ...["--containerd-namespace", "moby", "--containerd-plugins-namespace", "moby-plugins"],
        ...["--data-root", `${options.folder}/docker`, "--exec-root", `${options.folder}/dx`],
        ...["--pidfile", `${options.folder}/dockerd.pid`],
      ],
      env: { ...options.containerd.env, ...options.env, ...buildVariables(command) },
      socket: this.socket,
      logFile: `${options.folder}/dockerd.log`,
      ...(options.network !== undefined && { network: options.network }),
    });
  }

  static async start(options: DockerOptions): Promise<DockerDaemon> {
    const tools = await dockerTools(options.version ?? usualDocker());
    const command = options.builds === "rund" ? await rundCommand(options.folder) : undefined;
    const docker = new DockerDaemon(options, tools, command);
    await mkdir(`${options.folder}/client`, { recursive: true });
    await writeFile(`${options.folder}/daemon.json`, JSON.stringify(docker.#config(), undefined, 2));
    const plugins = { cliPluginsExtraDirs: [docker.#tools.plugins] };
    await writeFile(`${options.folder}/client/config.json`, JSON.stringify(plugins));
    await docker.daemon.start();
    return docker;
  }

  /** The docker client on this daemon, with settings of its own. */
  docker(): Docker {
    return new Docker(this.#tools.docker, this.socket, `${this.#folder}/client`);
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

  #config(): Record<string, unknown> {
    return {
      ...(this.daemon.command.network === undefined && { bridge: "none" }),
      iptables: false,
      ip6tables: false,
      "ip-forward": false,
      "userland-proxy": false,
      "default-runtime": "rund",
      runtimes: { rund: { runtimeType: "io.containerd.rund.v1" } },
      features: { "containerd-snapshotter": ["overlayfs", "native", "rund"].includes(this.storage) },
      "storage-driver": this.storage,
      debug: true,
    };
  }
}

function buildVariables(command: string | undefined): Readonly<Record<string, string>> {
  return command === undefined ? {} : { DOCKER_BUILDKIT_RUNC_COMMAND: command };
}
