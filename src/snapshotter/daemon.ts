import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "../common/log.ts";
import { diffService, diffServiceName } from "./differ/diff_service.ts";
import { Differ } from "./differ/differ.ts";
import { FolderLock } from "./folder_lock.ts";
import { createGrpcServer, type RunningServer } from "./grpc_server.ts";
import { listenForRoot } from "./listen.ts";
import { snapshotService, snapshotServiceName } from "./snapshot_service.ts";
import { SnapshotStore } from "./snapshot_store.ts";
import { Snapshots } from "./snapshots.ts";
import { Trees } from "./trees.ts";

export interface DaemonOptions {
  /** Folder for the snapshots, on the file system that is to share their content. */
  readonly root: string;
  /** Path of the socket. */
  readonly address: string;
  /** Path of containerd's socket. */
  readonly containerd: string;
  readonly logger: Logger;
  /** Called when it cannot go on. */
  readonly failed: (reason: string) => void;
}

interface Parts {
  readonly server: RunningServer;
  readonly lock: FolderLock;
  readonly trees: Trees;
  readonly snapshots: Snapshots;
  readonly differ: Differ;
  readonly address: string;
}

/** The snapshotter and its differ, serving containerd on its socket. */
export class SnapshotterDaemon {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes the folder, removes what a crash has left in it, and serves. */
  static async start(options: DaemonOptions): Promise<SnapshotterDaemon> {
    const { address, containerd, logger, failed } = options;
    const root = resolve(options.root);
    // Nobody but root is to get at the trees, with all the set-id programs in them.
    await mkdir(root, { recursive: true, mode: 0o700 });
    const lock = await FolderLock.take(root, () => failed(`${root}: the lock is lost`));
    let trees: Trees | undefined;
    try {
      const store = await SnapshotStore.open(join(root, "snapshots"), logger);
      trees = await Trees.open(root, logger);
      await trees.sweep(store.ids());
      const snapshots = new Snapshots(store, trees);
      const differ = new Differ(containerd, snapshots);
      const server = createGrpcServer({
        [snapshotServiceName]: snapshotService(snapshots),
        [diffServiceName]: diffService(differ),
      });
      await listenForRoot(server.listener, address);
      logger.info("snapshotter serves", { root, address });
      return new SnapshotterDaemon({ server, lock, trees, snapshots, differ, address });
    } catch (error) {
      await trees?.close();
      await lock.release();
      throw error;
    }
  }

  /** Ends in order: nothing new is taken on, and what is being removed is removed. */
  async stop(): Promise<void> {
    const { server, lock, trees, snapshots, differ, address } = this.#parts;
    await rm(address, { force: true });
    await server.close();
    differ.close();
    await snapshots.cleanup();
    await trees.close();
    await lock.release();
  }
}
