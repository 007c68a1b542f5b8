import { mkdir } from "node:fs/promises";
import { ApiClient } from "./api_client.ts";
import { ContainerdDaemon } from "./containerd_daemon.ts";
import type { ContainerdVersion } from "./containerd_programs.ts";
import type { Ctr } from "./ctr.ts";
import type { Docker } from "./docker.ts";
import { DockerDaemon } from "./docker_daemon.ts";
import { HostCensus } from "./host_census.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { makeBusyboxImage } from "./test_image.ts";
import type { DockerStorage } from "./versions.ts";

export interface DaemonsOptions {
  /** Whether dockerd is started too; true by default. */
  readonly docker?: boolean;
  readonly storage?: DockerStorage;
  /** What runs the steps of dockerd's own builds; runc when left out. */
  readonly builds?: "rund";
  readonly containerd?: ContainerdVersion;
  readonly shimFolder?: string;
  /** Goes to the daemons and their shims, such as RUND_MOUNT_DRIVER. */
  readonly env?: Readonly<Record<string, string>>;
  /** A network namespace in place of the host's, in which dockerd makes its bridge. */
  readonly network?: string;
}

/** A private containerd, and dockerd on it, with the busybox image loaded; everything in one temporary folder. */
export class Daemons implements AsyncDisposable {
  readonly folder: string;
  readonly rootfs: string;
  readonly archive: string;
  readonly containerd: ContainerdDaemon;
  readonly ctr: Ctr;
  readonly api: ApiClient;
  readonly census: HostCensus;
  readonly #dockerd: DockerDaemon | undefined;
  readonly #temporary: TemporaryFolder;

  private constructor(
    temporary: TemporaryFolder,
    image: { archive: string; rootfs: string },
    containerd: ContainerdDaemon,
    dockerd: DockerDaemon | undefined,
  ) {
    this.#temporary = temporary;
    this.folder = temporary.path;
    this.rootfs = image.rootfs;
    this.archive = image.archive;
    this.containerd = containerd;
    this.#dockerd = dockerd;
    this.ctr = containerd.ctr();
    this.api = new ApiClient(containerd.address, this.ctr.namespace);
    this.census = new HostCensus(temporary.path);
  }

  static async start(options: DaemonsOptions = {}): Promise<Daemons> {
    const temporary = await TemporaryFolder.create();
    try {
      const folder = temporary.path;
      await mkdir(`${folder}/image`);
      const image = await makeBusyboxImage(`${folder}/image`);
      const { containerd: version, storage, builds, env, shimFolder, network } = options;
      const shim = shimFolder === undefined ? {} : { shimFolder };
      const inside = network === undefined ? {} : { network };
      const common = { folder, ...(env === undefined ? {} : { env }), ...shim, ...inside };
      const containerd = await ContainerdDaemon.start({
        ...common,
        ...(version === undefined ? {} : { version }),
      });
      await containerd.ctr().ok(["image", "import", image.archive]);
      if (options.docker === false) return new Daemons(temporary, image, containerd, undefined);
      const own = { ...(storage && { storage }), ...(builds && { builds }) };
      const dockerd = await DockerDaemon.start({ ...common, containerd, ...own });
      await dockerd.docker().ok(["load", "--input", image.archive]);
      return new Daemons(temporary, image, containerd, dockerd);
    } catch (error) {
      await temporary.remove();
      throw error;
    }
  }

  get dockerd(): DockerDaemon {
    if (this.#dockerd === undefined) throw new Error("dockerd: not among these daemons");
    return this.#dockerd;
  }

  get docker(): Docker {
    return this.dockerd.docker();
  }

  /** Stops the daemons in order; whatever is left of them or their containers after that is taken back too. */
  async stop(): Promise<void> {
    this.api.close();
    await this.#dockerd?.stop();
    await this.containerd.stop();
    await this.#temporary.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
