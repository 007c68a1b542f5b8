import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "../common/log.ts";
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

/** The snapshotter, serving containerd on its socket. */
export class SnapshotterDaemon {
  readonly #server: RunningServer;
  readonly #lock: FolderLock;
  readonly #snapshots: Snapshots;
  readonly #address: string;

  private constructor(server: RunningServer, lock: FolderLock, snapshots: Snapshots, address: string) {
    this.#server = server;
    this.#lock = lock;
    this.#snapshots = snapshots;
    this.#address = address;
  }

  /** Takes the folder, removes what a crash has left in it, and serves. */
  static async start(options: DaemonOptions): Promise<SnapshotterDaemon> {
    const { address, logger, failed } = options;
    const root = resolve(options.root);
    // Nobody but root is to get at the trees, with all the set-id programs in them.
    await mkdir(root, { recursive: true, mode: 0o700 });
    const lock = await FolderLock.take(root, () => failed(`${root}: the lock is lost`));
    try {
      const store = await SnapshotStore.open(join(root, "snapshots"), logger);
      const trees = await Trees.open(root, logger);
      await trees.sweep(store.ids());
      const snapshots = new Snapshots(store, trees);
      const server = createGrpcServer({ [snapshotServiceName]: snapshotService(snapshots) });
      await listenForRoot(server.listener, address);
      logger.info("snapshotter serves", { root, address });
      return new SnapshotterDaemon(server, lock, snapshots, address);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Ends in order: nothing new is taken on, and what is being removed is removed. */
  async stop(): Promise<void> {
    await rm(this.#address, { force: true });
    await this.#server.close();
    await this.#snapshots.cleanup();
    await this.#lock.release();
  }
}
