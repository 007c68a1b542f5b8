import { BuildkitDaemon } from "../../harness/buildkit_daemon.ts";
import { ContainerdDaemon } from "../../harness/containerd_daemon.ts";
import { runcRuntime, rundRuntime } from "../../harness/ctr.ts";
import { type FileSystemKind, mountFileSystem } from "../../harness/file_system.ts";
import { TemporaryFolder } from "../../harness/temporary_folder.ts";
import { Way } from "./way.ts";

/** Which kind of file system keeps what, and how jails see it. */
export interface CrossDeviceSetup {
  readonly snapshots: FileSystemKind;
  readonly buildkit: FileSystemKind;
  readonly context: FileSystemKind;
  readonly snapshotter: "native" | "overlayfs";
  readonly driver: "kernel" | "bindfs";
  /** Whether the root goes through bindfs too. */
  readonly root: "direct" | "bindfs";
}

/** rund and runc on one containerd, with snapshots, BuildKit's own files and contexts each on another file system. */
export class CrossDeviceBuilders implements AsyncDisposable {
  readonly #setup: CrossDeviceSetup;
  readonly #temporary: TemporaryFolder;
  readonly #containerd: ContainerdDaemon;
  readonly #builders: BuildkitDaemon[] = [];

  private constructor(setup: CrossDeviceSetup, temporary: TemporaryFolder, containerd: ContainerdDaemon) {
    this.#setup = setup;
    this.#temporary = temporary;
    this.#containerd = containerd;
  }

  static async start(setup: CrossDeviceSetup): Promise<CrossDeviceBuilders> {
    const temporary = await TemporaryFolder.create();
    const folder = temporary.path;
    try {
      await mountFileSystem(setup.snapshots, `${folder}/root`);
      await mountFileSystem(setup.context, `${folder}/contexts`);
      const env = { RUND_MOUNT_DRIVER: setup.driver, RUND_ROOT: setup.root };
      return new CrossDeviceBuilders(setup, temporary, await ContainerdDaemon.start({ folder, env }));
    } catch (error) {
      await temporary.remove();
      throw error;
    }
  }

  rund(): Promise<Way> {
    return this.#way("rund", rundRuntime);
  }

  runc(): Promise<Way> {
    return this.#way("runc", runcRuntime);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const builder of this.#builders) await builder.stop();
    await this.#containerd.stop();
    await this.#temporary.remove();
  }

  async #way(name: string, runtime: string): Promise<Way> {
    const containerd = this.#containerd;
    const { driver, snapshotter, buildkit } = this.#setup;
    const folder = this.#temporary.path;
    await mountFileSystem(buildkit, `${folder}/${name}/buildkit`);
    const options = { folder: `${folder}/${name}`, containerd, runtime, snapshotter };
    const builder = await BuildkitDaemon.start(options);
    this.#builders.push(builder);
    const { program, env } = await builder.buildx();
    const { address, tools } = containerd;
    const client = { program, env, flags: [], ctr: tools.ctr, address };
    return new Way({ name, driver, folder, logs: [], ...client }, `${folder}/contexts`);
  }
}
