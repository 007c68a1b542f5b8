import { mkdir } from "node:fs/promises";
import { expect } from "vitest";
import { ContainerdDaemon } from "../../../harness/containerd_daemon.ts";
import type { ContainerdVersion } from "../../../harness/containerd_programs.ts";
import type { Ctr } from "../../../harness/ctr.ts";
import { HostCensus } from "../../../harness/host_census.ts";
import { type FileSystemType, LoopFileSystem } from "../../../harness/loop_file_system.ts";
import { SnapshotterProcess } from "../../../harness/snapshotter_process.ts";
import { TemporaryFolder } from "../../../harness/temporary_folder.ts";
import { makeBusyboxImage } from "../../../harness/test_image.ts";

export interface SnapshotterWorld {
  readonly containerd: ContainerdVersion;
  /** Where the snapshots are; by default on the file system of the temporary folders. */
  readonly files?: FileSystemType;
  /** Of that file system. */
  readonly megabytes?: number;
}

/** A containerd of its own with the snapshotter as its proxy plugin, and the busybox image's archive. */
export class SnapshotterDaemons {
  readonly folder: string;
  readonly archive: string;
  readonly snapshotter: SnapshotterProcess;
  readonly containerd: ContainerdDaemon;
  readonly ctr: Ctr;
  readonly census: HostCensus;
  /** Where the snapshots are, if that is a file system of its own. */
  readonly files: LoopFileSystem | undefined;
  readonly #temporary: TemporaryFolder;
  /** Ended in the reverse of their order. */
  readonly #stops: (() => Promise<unknown>)[] = [];

  private constructor(
    temporary: TemporaryFolder,
    archive: string,
    snapshotter: SnapshotterProcess,
    containerd: ContainerdDaemon,
    files: LoopFileSystem | undefined,
  ) {
    this.files = files;
    this.#temporary = temporary;
    this.folder = temporary.path;
    this.archive = archive;
    this.snapshotter = snapshotter;
    this.containerd = containerd;
    this.ctr = containerd.ctr();
    this.census = new HostCensus(temporary.path);
  }

  static async start(world: SnapshotterWorld): Promise<SnapshotterDaemons> {
    const temporary = await TemporaryFolder.create();
    try {
      const folder = temporary.path;
      await mkdir(`${folder}/image`);
      const { archive } = await makeBusyboxImage(`${folder}/image`);
      const files = world.files && (await LoopFileSystem.create(world.files, folder, world.megabytes));
      const snapshotter = new SnapshotterProcess(folder, `${files?.path ?? folder}/snapshots`);
      await snapshotter.start();
      const config = snapshotter.containerdConfig();
      const containerd = await ContainerdDaemon.start({ folder, config, version: world.containerd });
      const daemons = new SnapshotterDaemons(temporary, archive, snapshotter, containerd, files);
      if (files !== undefined) daemons.stopLater(() => files[Symbol.asyncDispose]());
      daemons.stopLater(() => snapshotter.stop());
      daemons.stopLater(() => containerd.stop());
      return daemons;
    } catch (error) {
      await temporary.remove();
      throw error;
    }
  }

  /** Kills the snapshotter and starts it again. */
  async restartSnapshotter(): Promise<void> {
    await this.snapshotter.kill();
    await this.snapshotter.start();
    // A call of containerd's in between fails, and so do all others for the second that it then waits to dial again.
    const listed = () => this.ctr.run(["snapshots", "--snapshotter", "rund", "ls"]);
    await expect.poll(async () => (await listed()).stderr, { timeout: 15_000 }).toBe("");
  }

  /** Something more that is to end with the others, and before them. */
  stopLater(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    try {
      for (const stop of this.#stops.toReversed()) await stop();
    } finally {
      await this.#temporary.remove();
    }
  }
}
