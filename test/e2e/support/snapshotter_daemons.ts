import { mkdir } from "node:fs/promises";
import { ContainerdDaemon } from "../../harness/containerd_daemon.ts";
import type { Ctr } from "../../harness/ctr.ts";
import { HostCensus } from "../../harness/host_census.ts";
import { SnapshotterProcess } from "../../harness/snapshotter_process.ts";
import { TemporaryFolder } from "../../harness/temporary_folder.ts";
import { makeBusyboxImage } from "../../harness/test_image.ts";

/** A containerd of its own with the snapshotter as its proxy plugin, and the busybox image's archive. */
export class SnapshotterDaemons {
  readonly folder: string;
  readonly archive: string;
  readonly snapshotter: SnapshotterProcess;
  readonly containerd: ContainerdDaemon;
  readonly ctr: Ctr;
  readonly census: HostCensus;
  readonly #temporary: TemporaryFolder;

  private constructor(
    temporary: TemporaryFolder,
    archive: string,
    snapshotter: SnapshotterProcess,
    containerd: ContainerdDaemon,
  ) {
    this.#temporary = temporary;
    this.folder = temporary.path;
    this.archive = archive;
    this.snapshotter = snapshotter;
    this.containerd = containerd;
    this.ctr = containerd.ctr();
    this.census = new HostCensus(temporary.path);
  }

  /** @param rootIn makes, in the given folder, the one for the snapshots */
  static async start(
    rootIn: (folder: string) => Promise<string> = async (folder) => `${folder}/snapshots`,
  ): Promise<SnapshotterDaemons> {
    const temporary = await TemporaryFolder.create();
    try {
      const folder = temporary.path;
      await mkdir(`${folder}/image`);
      const { archive } = await makeBusyboxImage(`${folder}/image`);
      const snapshotter = new SnapshotterProcess(folder, await rootIn(folder));
      await snapshotter.start();
      const config = snapshotter.containerdConfig();
      const containerd = await ContainerdDaemon.start({ folder, config });
      return new SnapshotterDaemons(temporary, archive, snapshotter, containerd);
    } catch (error) {
      await temporary.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.containerd.stop();
    await this.snapshotter.stop();
    await this.#temporary.remove();
  }
}
