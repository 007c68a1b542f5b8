import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { SnapshotterUnderTest } from "./support/snapshotter_under_test.ts";

describe("trees across layers", () => {
  test("files and folders renamed over those of a lower layer", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", (folder) => {
      mkdirSync(`${folder}/dir`);
      writeFileSync(`${folder}/dir/one`, "one");
      writeFileSync(`${folder}/two`, "two");
    });
    await snapshotter.layer("renamed", "base", (folder) => {
      renameSync(`${folder}/two`, `${folder}/dir/one`);
      renameSync(`${folder}/dir`, `${folder}/moved`);
      mkdirSync(`${folder}/dir`);
    });
    const folder = await snapshotter.edit("check", "renamed");
    expect(readFileSync(`${folder}/moved/one`, "utf8")).toBe("two");
    expect(readdirSync(folder).sort()).toEqual(["dir", "moved"]);
    expect(readdirSync(`${folder}/dir`)).toEqual([]);
  });

  test("a folder that is removed and made again is empty", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", (folder) => {
      mkdirSync(`${folder}/dir/deep`, { recursive: true });
      writeFileSync(`${folder}/dir/deep/file`, "x");
    });
    await snapshotter.layer("without", "base", (folder) => {
      rmSync(`${folder}/dir`, { recursive: true });
      mkdirSync(`${folder}/dir`);
    });
    expect(readdirSync(`${await snapshotter.edit("check", "without")}/dir`)).toEqual([]);
  });

  test("owners, modes, times and the root folder's own mode", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", (folder) => {
      chmodSync(folder, 0o1777);
      mkdirSync(`${folder}/sticky`);
      chmodSync(`${folder}/sticky`, 0o3770);
      writeFileSync(`${folder}/sticky/program`, "x");
      chownSync(`${folder}/sticky/program`, 1000, 2000);
      chmodSync(`${folder}/sticky/program`, 0o6755);
      symlinkSync("nowhere", `${folder}/link`);
      utimesSync(`${folder}/sticky/program`, 1, 2.5);
      utimesSync(`${folder}/sticky`, 3, 4);
    });
    await snapshotter.layer("owned", "base", (folder) => chownSync(`${folder}/sticky`, 5, 6));
    const folder = await snapshotter.edit("check", "owned");
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
    const [sticky, program] = [statSync(`${folder}/sticky`), statSync(`${folder}/sticky/program`)];
    expect(sticky).toMatchObject({ uid: 5, gid: 6, mtimeMs: 4000 });
    expect(sticky.mode & 0o7777).toBe(0o3770);
    expect(program).toMatchObject({ uid: 1000, gid: 2000, mtimeMs: 2500 });
    expect(program.mode & 0o7777).toBe(0o6755);
    expect(lstatSync(`${folder}/link`).isSymbolicLink()).toBe(true);
  });

  test("hard links, also of files that a later layer writes to", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", (folder) => {
      mkdirSync(`${folder}/a`);
      writeFileSync(`${folder}/a/one`, "first");
      linkSync(`${folder}/a/one`, `${folder}/two`);
      mkdirSync(`${folder}/b`);
      linkSync(`${folder}/a/one`, `${folder}/b/three`);
    });
    const folder = await snapshotter.edit("active", "base");
    writeFileSync(`${folder}/two`, "second");
    expect(readFileSync(`${folder}/a/one`, "utf8")).toBe("second");
    expect(statSync(`${folder}/b/three`)).toMatchObject({ nlink: 3, ino: statSync(`${folder}/two`).ino });
    const other = await snapshotter.edit("other", "base");
    expect(readFileSync(`${other}/b/three`, "utf8")).toBe("first");
  });

  test("sparse files take no more space", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", (folder) => {
      writeFileSync(`${folder}/sparse`, "start");
      truncateSync(`${folder}/sparse`, 64 * 1024 * 1024);
    });
    const { size, blocks } = statSync(`${await snapshotter.edit("active", "base")}/sparse`);
    expect(size).toBe(64 * 1024 * 1024);
    expect(blocks * 512).toBeLessThan(1024 * 1024);
  });

  test("what cannot be changed in a layer can still be removed with it", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const folder = await snapshotter.edit("active");
    mkdirSync(`${folder}/locked`);
    writeFileSync(`${folder}/locked/file`, "x");
    execFileSync("chattr", ["+i", `${folder}/locked/file`, `${folder}/locked`]);
    await snapshotter.client.remove("active");
    await snapshotter.client.cleanup();
    expect(existsSync(folder)).toBe(false);
    expect(snapshotter.contents("work")).toEqual([]);
    expect(snapshotter.complaints).toEqual([]);
  });
});

describe("usage", () => {
  test("follows an active snapshot and stays with a committed one", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    const folder = await snapshotter.edit("active");
    const empty = await client.usage("active");
    expect(empty.inodes).toBe(1);
    writeFileSync(`${folder}/file`, Buffer.alloc(1024 * 1024, "x"));
    linkSync(`${folder}/file`, `${folder}/again`);
    execFileSync("sync", ["-f", folder]);
    const grown = await client.usage("active");
    expect(grown.inodes).toBe(2);
    expect(grown.size - empty.size).toBeGreaterThanOrEqual(1024 * 1024);
    expect(grown.size - empty.size).toBeLessThan(1100 * 1024);
    await client.commit("base", "active");
    expect(await client.usage("base")).toEqual(grown);
    await client.view("view", "base");
    expect(await client.usage("view")).toEqual({ size: 0, inodes: 0 });
  });
});
