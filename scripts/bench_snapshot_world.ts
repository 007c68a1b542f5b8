import { mkdir, readFile } from "node:fs/promises";
import { ContainerdDaemon } from "../test/harness/containerd_daemon.ts";
import type { Ctr } from "../test/harness/ctr.ts";
import { type FileSystemType, LoopFileSystem } from "../test/harness/loop_file_system.ts";
import { SnapshotterProcess } from "../test/harness/snapshotter_process.ts";
import { TemporaryFolder } from "../test/harness/temporary_folder.ts";
import { makeBusyboxImage } from "../test/harness/test_image.ts";
import { uniqueId } from "../test/harness/unique_id.ts";
import { DiffClient } from "../test/snapshotter/support/diff_client.ts";
import { SnapshotClient } from "../test/snapshotter/support/snapshot_client.ts";
import { timeProgram } from "./bench_context.ts";

/** Milliseconds that a prepare may take. */
const patience = 120_000;

export const snapshotters = ["rund", "native", "overlayfs"] as const;
export type Snapshotter = (typeof snapshotters)[number];

/** Makes what a tree is to have in an empty folder. */
export type TreeMaker = (folder: string) => Promise<void>;

/** A containerd with rund's snapshotter, and one of the differs: its command line, and clients that stay connected. */
export interface LayerMaker {
  readonly ctr: Ctr;
  readonly snapshots: SnapshotClient;
  readonly diff: DiffClient;
}

/** The daemons of a benchmark, with all that they keep on one file system of its own. */
export class SnapshotWorld implements AsyncDisposable {
  readonly files: LoopFileSystem;
  readonly archive: string;
  readonly ctr: Ctr;
  /** The one with rund's differ, and another containerd with a snapshotter of its own, which compares by its own differ. */
  readonly makers: Readonly<Record<"rund-diff" | "walking", LayerMaker>>;
  /** Clients of containerd's own API that stay connected. */
  readonly clients: Readonly<Record<Snapshotter, SnapshotClient>>;
  readonly #snapshotter: SnapshotterProcess;
  readonly #stops: readonly (() => Promise<void>)[];

  private constructor(
    files: LoopFileSystem,
    archive: string,
    makers: SnapshotWorld["makers"],
    clients: Readonly<Record<Snapshotter, SnapshotClient>>,
    snapshotter: SnapshotterProcess,
    stops: readonly (() => Promise<void>)[],
  ) {
    this.files = files;
    this.archive = archive;
    this.ctr = makers["rund-diff"].ctr;
    this.makers = makers;
    this.clients = clients;
    this.#snapshotter = snapshotter;
    this.#stops = stops;
  }

  static async start(type: FileSystemType, megabytes: number): Promise<SnapshotWorld> {
    const temporary = await TemporaryFolder.create();
    const files = await LoopFileSystem.create(type, temporary.path, megabytes);
    const [folder, other] = [`${files.path}/c`, `${files.path}/w`];
    await mkdir(`${folder}/image`, { recursive: true });
    const { archive } = await makeBusyboxImage(`${folder}/image`);
    await mkdir(other);
    // containerd takes for garbage what others have made with its snapshotter, so each has its own.
    const [snapshotter, another] = [new SnapshotterProcess(folder), new SnapshotterProcess(other)];
    await Promise.all([snapshotter.start(), another.start()]);
    const containerd = await ContainerdDaemon.start({ folder, config: snapshotter.containerdConfig() });
    const walking = await ContainerdDaemon.start({
      folder: other,
      config: another.containerdConfig().replace('["rund-diff", "walking"]', '["walking"]'),
    });
    const unmount = () => files[Symbol.asyncDispose]().catch(() => {});
    const daemons = [walking, containerd, another, snapshotter].map((daemon) => () => daemon.stop());
    const stops = [...daemons, unmount, () => temporary.remove()];
    const makers = { "rund-diff": layerMaker(containerd), walking: layerMaker(walking) };
    const client = (name: Snapshotter) => snapshotClient(containerd, name);
    const clients = { rund: client("rund"), native: client("native"), overlayfs: client("overlayfs") };
    return new SnapshotWorld(files, archive, makers, clients, snapshotter, stops);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of Object.values(this.clients)) client.close();
    for (const { snapshots, diff } of Object.values(this.makers))
      for (const client of [snapshots, diff]) client.close();
    for (const stop of this.#stops) await stop();
  }

  /** The most memory that the snapshotter has had so far, in megabytes. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.#snapshotter.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** A new active snapshot, with more in it if that is asked for. Answers its key. */
  async prepare(ctr: Ctr, snapshotter: Snapshotter, parent = "", make?: TreeMaker): Promise<string> {
    const key = uniqueId();
    const call = snapshotsOf(snapshotter);
    await ctr.ok([...call, "prepare", key, ...(parent === "" ? [] : [parent])]);
    const { stdout } = await ctr.ok([...call, "mounts", "/mnt", key]);
    // The first layer is a bind mount with all three.
    await make?.(/-t bind (\S+)/.exec(stdout)?.[1] ?? "");
    return key;
  }

  /** A committed snapshot on a parent, by its name. */
  async commit(ctr: Ctr, snapshotter: Snapshotter, parent = "", make?: TreeMaker): Promise<string> {
    const key = await this.prepare(ctr, snapshotter, parent, make);
    await ctr.ok([...snapshotsOf(snapshotter), "commit", `${key}-committed`, key]);
    return `${key}-committed`;
  }

  /** Children before their parents. */
  async remove(ctr: Ctr, snapshotter: Snapshotter, ...keys: readonly string[]): Promise<void> {
    await ctr.ok([...snapshotsOf(snapshotter), "rm", ...keys]);
    // The removal in the background is not to be the next one's.
    await ctr.ok(["content", "prune", "references"]);
  }
}

function snapshotClient(containerd: ContainerdDaemon, snapshotter: Snapshotter): SnapshotClient {
  return new SnapshotClient(containerd.address, { snapshotter, namespace: containerd.ctr().namespace });
}

function layerMaker(containerd: ContainerdDaemon): LayerMaker {
  const ctr = containerd.ctr();
  const diff = new DiffClient(containerd.address, ctr.namespace);
  return { ctr, snapshots: snapshotClient(containerd, "rund"), diff };
}

export function snapshotsOf(snapshotter: Snapshotter): string[] {
  return ["snapshots", "--snapshotter", snapshotter];
}

/** Milliseconds of a prepare as a command, of which the start of `ctr` is a large part. */
export function timePrepareCommand(
  ctr: Ctr,
  snapshotter: Snapshotter,
  key: string,
  parent: string,
): Promise<number> {
  return timeCtr(ctr, ...snapshotsOf(snapshotter), "prepare", key, parent);
}

/** Milliseconds in which a layer is made of a snapshot, as the call of a client that is connected. It is removed then. */
export async function timeLayer(
  { ctr, snapshots, diff }: LayerMaker,
  { lower, upper }: { readonly lower: string | undefined; readonly upper: string },
  mediaType: string,
): Promise<number> {
  const left = lower === undefined ? [] : await snapshots.mounts(lower);
  const right = await snapshots.mounts(upper);
  const began = performance.now();
  const layer = await diff.compare(left, right, mediaType);
  const took = performance.now() - began;
  await ctr.ok(["content", "rm", layer?.digest ?? ""]);
  await ctr.ok(["content", "prune", "references"]);
  return took;
}

/** Milliseconds of a prepare as a call of a client that is connected, as dockerd is. */
export async function timePrepareCall(client: SnapshotClient, key: string, parent: string): Promise<number> {
  const began = performance.now();
  await client.prepare(key, parent, {}, patience);
  return performance.now() - began;
}

export function timeCtr(ctr: Ctr, ...args: readonly string[]): Promise<number> {
  return timeProgram(ctr.program, [...ctr.prefix, ...args], {});
}
