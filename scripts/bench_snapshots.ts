import { mkdir, writeFile } from "node:fs/promises";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { fileSystemTypes } from "../test/harness/loop_file_system.ts";
import { imageName } from "../test/harness/test_image.ts";
import { uniqueId } from "../test/harness/unique_id.ts";
import {
  type Snapshotter,
  SnapshotWorld,
  snapshotters,
  type TreeMaker,
  timeCtr,
  timeLayer,
  timePrepareCall,
  timePrepareCommand,
} from "./bench_snapshot_world.ts";
import { median } from "./bench_table.ts";

/**
 * Compares the snapshotter with containerd's own on the same file system, and its differ with containerd's, in file systems
 * of its own.
 */

const { n, megabytes, on, only } = yargs(hideBin(process.argv))
  .scriptName("scripts/bench_snapshots")
  .option("n", { type: "number", default: 7, describe: "runs of each side" })
  .option("megabytes", { type: "number", default: 1024, describe: "size of the trees of large files" })
  .option("on", { choices: fileSystemTypes, array: true, default: [...fileSystemTypes] })
  .option("only", {
    choices: ["run", "prepare", "layer", "growth"],
    array: true,
    default: ["run", "prepare", "layer"],
    describe: "what is measured; growth is how a prepare grows with files, bytes and depth",
  })
  .strict()
  .parseSync();

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** Files of half a kilobyte, or of so many kilobytes each. */
function manyFiles(count: number, kilobytes?: number): TreeMaker {
  const content = (file: string) =>
    kilobytes === undefined ? file.repeat(20) : Buffer.alloc(kilobytes * 1024, file);
  return async (folder) => {
    for (let at = 0; at < count / 100; at++) {
      await mkdir(`${folder}/${at}`);
      const files = Array.from({ length: 100 }, (_, file) => `${folder}/${at}/${file}`);
      await Promise.all(files.map((file) => writeFile(file, content(file))));
    }
  };
}

/** So many words by chance, but the same for a seed: they compress to about a half, by whatever window. */
function randomWords(count: number, seed: number): Buffer {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  };
  return Buffer.from(Array.from({ length: count }, () => `${next() % 9973} `).join(""));
}

/** Files of `each` megabytes that have so many together. */
function largeFiles(size: number, each: number): TreeMaker {
  return async (folder) => {
    for (let at = 0; at * each < size; at++) {
      const block = randomWords(1 << 21, at + 1);
      await writeFile(`${folder}/${at}`, Buffer.alloc(each * 1024 * 1024, block));
    }
  };
}

/** Median milliseconds of each side; they take turns. */
async function takeTurns<Side extends string>(
  sides: readonly Side[],
  sample: (side: Side) => Promise<number>,
): Promise<Record<Side, number>> {
  const samples = sides.map((): number[] => []);
  for (let run = -1; run < n; run++) {
    for (const [at, side] of sides.entries()) {
      const time = await sample(side);
      // The first run fills caches and is not counted.
      if (run >= 0) samples[at]?.push(time);
    }
  }
  return Object.fromEntries(sides.map((side, at) => [side, median(samples[at] ?? [])])) as Record<
    Side,
    number
  >;
}

function report(what: string, times: Readonly<Record<string, number>>): void {
  const columns = Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(1)} ms`);
  const [[, own] = ["", 0], ...others] = Object.entries(times);
  const ratios = others.map(([name, time]) => `/${name} ${(own / time).toFixed(2)}`);
  console.log([what.padEnd(48), ...columns, ...ratios].join("   "));
}

async function runs(world: SnapshotWorld): Promise<Record<Snapshotter, number>> {
  const { ctr } = world;
  await ctr.ok(["image", "import", "--no-unpack", world.archive]);
  return takeTurns(snapshotters, (name) => {
    const run = { image: imageName, flags: ["--snapshotter", name] };
    return timeCtr(ctr, ...ctr.runArguments(["/bin/true"], run, "--rm"));
  });
}

/** Prepares on a tree, or on the last of so many snapshots on each other: as calls of a client, and as whole commands. */
async function reportPrepares(
  world: SnapshotWorld,
  what: string,
  tree: TreeMaker,
  depth = 1,
  sides: readonly Snapshotter[] = snapshotters,
): Promise<void> {
  const { ctr, clients } = world;
  const parents = new Map<Snapshotter, string[]>();
  for (const name of sides) {
    const chain = [await world.commit(ctr, name, "", tree)];
    while (chain.length < depth) chain.push(await world.commit(ctr, name, chain.at(-1)));
    parents.set(name, chain);
  }
  const prepare = (time: (name: Snapshotter, key: string, parent: string) => Promise<number>) =>
    takeTurns(sides, async (name) => {
      const key = uniqueId();
      const milliseconds = await time(name, key, parents.get(name)?.at(-1) ?? "");
      await world.remove(ctr, name, key);
      return milliseconds;
    });
  report(`${what}: the call`, await prepare((name, ...keys) => timePrepareCall(clients[name], ...keys)));
  report(`${what}: ctr`, await prepare((name, ...keys) => timePrepareCommand(ctr, name, ...keys)));
  // What is not removed now would fill the file system before the last case.
  for (const [name, chain] of parents) await world.remove(ctr, name, ...chain.toReversed());
}

/** Megabytes that one more snapshot on a tree takes. */
async function spaceOf(world: SnapshotWorld, tree: TreeMaker): Promise<number> {
  const parent = await world.commit(world.ctr, "rund", "", tree);
  const before = await world.files.used();
  const key = await world.prepare(world.ctr, "rund", parent);
  const taken = (await world.files.used()) - before;
  await world.remove(world.ctr, "rund", key, parent);
  return taken / 1024 / 1024;
}

async function layers(
  world: SnapshotWorld,
  tree: TreeMaker,
  type: string,
  change?: TreeMaker,
): Promise<Record<"rund-diff" | "walking", number>> {
  const pairs = new Map<string, { readonly lower: string | undefined; readonly upper: string }>();
  for (const [name, { ctr, snapshots }] of Object.entries(world.makers)) {
    // Of a snapshot with a parent what has changed, of one without all that it has.
    const parent = change && (await world.commit(ctr, "rund", "", tree));
    const upper = await world.prepare(ctr, "rund", parent, change ?? tree);
    const lower = parent && `${upper}-parent`;
    // Without the label it is the garbage collector's.
    if (lower !== undefined) await snapshots.view(lower, parent, { "containerd.io/gc.root": "bench" });
    pairs.set(name, { lower, upper });
  }
  return takeTurns(["rund-diff", "walking"], (name) => {
    const { lower, upper = "" } = pairs.get(name) ?? {};
    return timeLayer(world.makers[name], { lower, upper }, type);
  });
}

const large = { [`${megabytes} MB of 64 MB each`]: largeFiles(megabytes, 64) };
const trees = { "10,000 files": manyFiles(10_000), ...large };
const prepared = {
  ...trees,
  [`${megabytes} MB of 1 MB each`]: largeFiles(megabytes, 1),
  // What images are like.
  [`${megabytes} MB in 10,000 files`]: manyFiles(10_000, Math.round(megabytes / 10)),
};
const addFiles: TreeMaker = (folder) => mkdir(`${folder}/new`).then(() => manyFiles(100)(`${folder}/new`));

async function growth(world: SnapshotWorld, type: string): Promise<void> {
  const all = (what: string, tree: TreeMaker) => reportPrepares(world, `${type}: prepare, ${what}`, tree);
  for (const count of [100, 1_000, 10_000, 50_000]) await all(`${count} files`, manyFiles(count));
  for (const size of [64, 256, megabytes]) await all(`${size} MB`, largeFiles(size, 64));
  // overlayfs takes no more than 128 layers, and none that the kernel's page of options has no room for.
  const whole = ["rund", "native"] as const;
  for (const depth of [1, 32, 128])
    await reportPrepares(world, `${type}: prepare, depth ${depth}`, manyFiles(1_000), depth, whole);
}

for (const type of on) {
  const world = await SnapshotWorld.start(type, 10 * megabytes + 8192);
  try {
    if (only.includes("run")) report(`${type}: ctr run`, await runs(world));
    for (const [name, tree] of Object.entries(only.includes("prepare") ? prepared : {})) {
      await reportPrepares(world, `${type}: prepare, ${name}`, tree);
      console.log(`${type}: a snapshot of ${name} takes ${(await spaceOf(world, tree)).toFixed(1)} MB`);
    }
    for (const [name, tree] of Object.entries(only.includes("layer") ? trees : {})) {
      for (const compression of ["", "+gzip", "+zstd"])
        report(`${type}: layer, ${name} ${compression}`, await layers(world, tree, layerType + compression));
    }
    if (only.includes("layer"))
      report(
        `${type}: layer, 100 of 10,000 files`,
        await layers(world, manyFiles(10_000), layerType, addFiles),
      );
    if (only.includes("growth")) await growth(world, type);
    console.log(`${type}: the snapshotter had at most ${(await world.peakMemory()).toFixed(0)} MB of memory`);
  } finally {
    await world[Symbol.asyncDispose]();
  }
}
