import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Kind } from "../../../src/proto/generated/containerd/services/snapshots/v1/snapshots.ts";
import { SnapshotterProcess } from "../../harness/snapshotter_process.ts";
import { TemporaryFolder } from "../../harness/temporary_folder.ts";
import { SnapshotClient } from "../support/snapshot_client.ts";

const files = Array.from({ length: 200 }, (_, at) => `file-${at}`);

let temporary: TemporaryFolder;
let snapshotter: SnapshotterProcess;
let client: SnapshotClient;

beforeAll(async () => {
  temporary = await TemporaryFolder.create();
  snapshotter = new SnapshotterProcess(temporary.path);
  await snapshotter.start();
  client = new SnapshotClient(snapshotter.address);
  const [mount] = await client.prepare("first");
  for (const file of files) writeFileSync(`${mount?.source}/${file}`, file);
  await client.commit("base", "first");
});

afterAll(async () => {
  client?.close();
  await snapshotter?.stop();
  await temporary?.remove();
});

/** Makes, commits and removes snapshots until the snapshotter is gone; answers what it has been told was done. */
async function work(name: string): Promise<{ made: string[]; removed: string[] }> {
  const done = { made: [] as string[], removed: [] as string[] };
  try {
    for (let at = 0; ; at++) {
      const [key, committed] = [`${name}-${at}`, `${name}-${at}-committed`];
      await client.prepare(key, "base");
      await client.commit(committed, key);
      done.made.push(committed);
      if (at % 2 === 0) continue;
      done.made.pop();
      await client.remove(committed);
      done.removed.push(committed);
    }
  } catch {
    return done;
  }
}

/** Every snapshot has its whole tree, and nothing else is on the disk. */
async function expectConsistent(): Promise<void> {
  await client.cleanup();
  const known = await client.list();
  const trees = readdirSync(`${snapshotter.root}/trees`);
  expect(trees).toHaveLength(known.length);
  expect(readdirSync(`${snapshotter.root}/snapshots`)).toHaveLength(known.length);
  expect(readdirSync(`${snapshotter.root}/work`)).toEqual([]);
  for (const tree of trees)
    expect(readdirSync(`${snapshotter.root}/trees/${tree}`)).toHaveLength(files.length);
  for (const { name, kind } of known) {
    if (kind === Kind.ACTIVE) expect(existsSync((await client.mounts(name))[0]?.source ?? "")).toBe(true);
  }
}

test("killed at any moment, it has what it answered, whole, and nothing half-made", async () => {
  for (let round = 0; round < 8; round++) {
    const workers = ["a", "b", "c"].map((worker) => work(`${round}-${worker}`));
    await delay(50 + Math.random() * 250);
    await snapshotter.kill();
    const results = await Promise.all(workers);
    await snapshotter.start();
    const names = new Set((await client.list()).map(({ name }) => name));
    for (const { made, removed } of results) {
      expect(made.filter((name) => !names.has(name))).toEqual([]);
      expect(removed.filter((name) => names.has(name))).toEqual([]);
    }
    await expectConsistent();
  }
  const [mount] = await client.view("last", "base");
  for (const file of files) expect(readFileSync(`${mount?.source}/${file}`, "utf8")).toBe(file);
  expect(snapshotter.log()).not.toContain('"level":"error"');
}, 120_000);
