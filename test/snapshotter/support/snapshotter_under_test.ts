import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { LogFields } from "../../../src/common/log.ts";
import type { Mount } from "../../../src/proto/generated/containerd/types/mount.ts";
import { SnapshotterDaemon } from "../../../src/snapshotter/daemon.ts";
import "../../launcher/launcher_under_test.ts";
import { SnapshotClient } from "./snapshot_client.ts";

/** A snapshotter in a folder of its own, served on a socket, with a client; gone when the test is. */
export class SnapshotterUnderTest {
  readonly folder: string;
  readonly client: SnapshotClient;
  /** What it has logged as a warning or an error. */
  readonly complaints: { readonly message: string; readonly fields: LogFields }[] = [];
  #daemon: SnapshotterDaemon | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.client = new SnapshotClient(`${folder}/s.sock`);
  }

  static async start(prepareFolder: (folder: string) => void = () => {}): Promise<SnapshotterUnderTest> {
    const folder = mkdtempSync("/tmp/rund-snapshots-");
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    prepareFolder(folder);
    const snapshotter = new SnapshotterUnderTest(folder);
    await snapshotter.start();
    onTestFinished(() => snapshotter.stop());
    onTestFinished(() => snapshotter.client.close());
    return snapshotter;
  }

  get root(): string {
    return join(this.folder, "root");
  }

  async start(): Promise<void> {
    const complain = (message: string, fields: LogFields = {}) => {
      this.complaints.push({ message, fields });
    };
    const ignore = () => {};
    this.#daemon = await SnapshotterDaemon.start({
      root: this.root,
      address: `${this.folder}/s.sock`,
      containerd: `${this.folder}/c.sock`,
      logger: { debug: ignore, info: ignore, warn: complain, error: complain },
      failed: (reason) => complain(reason),
    });
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    await daemon?.stop();
  }

  /** A new active snapshot and the folder to change it in. */
  async edit(key: string, parent = ""): Promise<string> {
    return folderOf(await this.client.prepare(key, parent));
  }

  /** A committed snapshot, made by changing a copy of its parent. */
  async layer(name: string, parent: string, change: (folder: string) => void): Promise<void> {
    change(await this.edit(`${name}-active`, parent));
    await this.client.commit(name, `${name}-active`);
  }

  /** Names of the folders below the root, for what is left on the disk. */
  contents(folder: "trees" | "work" | "snapshots"): string[] {
    return readdirSync(join(this.root, folder)).sort();
  }
}

/** Where a snapshot's files are: it has to be one bind mount. */
export function folderOf(mounts: readonly Mount[]): string {
  const [mount, ...others] = mounts;
  if (mount?.type !== "bind" || others.length > 0) throw new Error("is not one bind mount");
  return mount.source;
}
