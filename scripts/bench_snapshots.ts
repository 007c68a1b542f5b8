import { mkdir, writeFile } from "node:fs/promises";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { ContainerdDaemon } from "../test/harness/containerd_daemon.ts";
import type { Ctr } from "../test/harness/ctr.ts";
import { type FileSystemType, fileSystemTypes, LoopFileSystem } from "../test/harness/loop_file_system.ts";
import { SnapshotterProcess } from "../test/harness/snapshotter_process.ts";
import { TemporaryFolder } from "../test/harness/temporary_folder.ts";
import { imageName, makeBusyboxImage } from "../test/harness/test_image.ts";
import { uniqueId } from "../test/harness/unique_id.ts";
import { timeProgram } from "./bench_context.ts";
import { median } from "./bench_table.ts";

/** Compares the snapshotter with containerd's own on the same file system, in file systems of its own. */

const options = yargs(hideBin(process.argv))
  .option("n", { type: "number", default: 7, describe: "runs of each side" })
  .option("megabytes", { type: "number", default: 1024, describe: "size of the tree of few large files" })
  .option("on", { choices: fileSystemTypes, array: true, default: [...fileSystemTypes] })
  .strict()
  .parseSync();

const snapshotters = ["rund", "native", "overlayfs"] as const;
type Snapshotter = (typeof snapshotters)[number];
type Times = Partial<Record<Snapshotter, number>>;

/** Trees by what is in them. */
const trees: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  "10,000 files": async (folder) => {
    for (let at = 0; at < 100; at++) {
      await mkdir(`${folder}/${at}`);
      const files = Array.from({ length: 100 }, (_, file) => `${folder}/${at}/${file}`);
      await Promise.all(files.map((file) => writeFile(file, file.repeat(20))));
    }
  },
  "large files": async (folder) => {
    const megabytes = 64;
    for (let at = 0; at * megabytes < options.megabytes; at++) {
      await writeFile(`${folder}/${at}`, Buffer.alloc(megabytes * 1024 * 1024, `${at}`));
    }
  },
};

function snapshotsOf(ctr: Ctr, snapshotter: Snapshotter): (...args: string[]) => string[] {
  return (...args) => [...ctr.prefix, "snapshots", "--snapshotter", snapshotter, ...args];
}

/** A committed snapshot with a tree in it, by its name. */
async function commitTree(ctr: Ctr, snapshotter: Snapshotter, tree: string): Promise<string> {
  const [key, name] = [uniqueId(), uniqueId()];
  const call = (...args: string[]) => ctr.ok(["snapshots", "--snapshotter", snapshotter, ...args]);
  await call("prepare", key);
  const { stdout } = await call("mounts", "/mnt", key);
  // The first layer is a bind mount with all of them.
  await trees[tree]?.(/-t bind (\S+)/.exec(stdout)?.[1] ?? "");
  await call("commit", name, key);
  return name;
}

/** Median milliseconds of each snapshotter; they take turns. */
async function takeTurns(sample: (snapshotter: Snapshotter) => Promise<number>): Promise<Times> {
  const samples = new Map<Snapshotter, number[]>(snapshotters.map((name) => [name, []]));
  for (let run = -1; run < options.n; run++) {
    for (const name of snapshotters) {
      const time = await sample(name);
      // The first run fills caches and is not counted.
      if (run >= 0) samples.get(name)?.push(time);
    }
  }
  return Object.fromEntries([...samples].map(([name, times]) => [name, median(times)]));
}

async function timePrepare(ctr: Ctr, tree: string): Promise<Times> {
  const parents = new Map<Snapshotter, string>();
  for (const name of snapshotters) parents.set(name, await commitTree(ctr, name, tree));
  return takeTurns(async (name) => {
    const key = uniqueId();
    const args = snapshotsOf(ctr, name);
    const time = await timeProgram(ctr.program, args("prepare", key, parents.get(name) ?? ""), {});
    await ctr.ok(["snapshots", "--snapshotter", name, "rm", key]);
    // The removal in the background is not to be the next one's.
    await ctr.ok(["content", "prune", "references"]);
    return time;
  });
}

async function timeRun(ctr: Ctr, archive: string): Promise<Times> {
  await ctr.ok(["image", "import", "--no-unpack", archive]);
  return takeTurns((name) => {
    const run = { image: imageName, flags: ["--snapshotter", name] };
    return timeProgram(ctr.program, [...ctr.prefix, ...ctr.runArguments(["/bin/true"], run, "--rm")], {});
  });
}

function report(what: string, times: Times): void {
  const columns = snapshotters.map((name) => `${name} ${times[name]?.toFixed(0).padStart(6)} ms`);
  const ratio = (other: Snapshotter) => ((times.rund ?? 0) / (times[other] ?? 1)).toFixed(2);
  console.log(
    `${what.padEnd(28)} ${columns.join("   ")}   rund/native ${ratio("native")}, /overlayfs ${ratio("overlayfs")}`,
  );
}

async function bench(type: FileSystemType): Promise<void> {
  const temporary = await TemporaryFolder.create();
  const files = await LoopFileSystem.create(type, temporary.path, 8 * options.megabytes + 4096);
  try {
    const folder = `${files.path}/c`;
    await mkdir(`${folder}/image`, { recursive: true });
    const { archive } = await makeBusyboxImage(`${folder}/image`);
    const snapshotter = new SnapshotterProcess(folder);
    await snapshotter.start();
    const containerd = await ContainerdDaemon.start({ folder, config: snapshotter.containerdConfig() });
    const ctr = containerd.ctr();
    report(`${type}: ctr run`, await timeRun(ctr, archive));
    for (const tree of Object.keys(trees)) report(`${type}: prepare, ${tree}`, await timePrepare(ctr, tree));
    await containerd.stop();
    await snapshotter.stop();
  } finally {
    await files[Symbol.asyncDispose]().catch(() => {});
    await temporary.remove();
  }
}

for (const type of options.on) await bench(type);
