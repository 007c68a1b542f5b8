import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { codeOf } from "./support/snapshot_client.ts";
import { SnapshotterUnderTest } from "./support/snapshotter_under_test.ts";

describe("a restart", () => {
  test("finds all snapshots as they were", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await snapshotter.layer("base", "", (folder) => writeFileSync(`${folder}/file`, "content"));
    const folder = await snapshotter.edit("active", "base");
    await client.update("active", { label: "value" });
    await client.view("view", "base");
    const before = await client.list();
    await snapshotter.stop();
    await snapshotter.start();
    expect(await client.list()).toEqual(before);
    expect(await client.usage("base")).toMatchObject({ inodes: 2 });
    expect((await client.mounts("active"))[0]?.source).toBe(folder);
    expect(readFileSync(`${folder}/file`, "utf8")).toBe("content");
    expect(await codeOf(client.remove("base"))).toBe("FAILED_PRECONDITION");
  });

  test("removes what was half-made or half-removed", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", () => {});
    await snapshotter.stop();
    const { root } = snapshotter;
    mkdirSync(`${root}/work/new-1/half`, { recursive: true });
    mkdirSync(`${root}/work/old-2/half`, { recursive: true });
    mkdirSync(`${root}/trees/3/without/document`, { recursive: true });
    writeFileSync(`${root}/snapshots/.4.json.new`, '{"version":');
    mkdirSync(`${root}/trees/5`);
    writeFileSync(`${root}/snapshots/5.json`, "");
    writeFileSync(`${root}/snapshots/6.json`, "\0".repeat(200));
    await snapshotter.start();
    await snapshotter.client.cleanup();
    expect(snapshotter.contents("work")).toEqual([]);
    expect(snapshotter.contents("trees")).toHaveLength(1);
    expect(snapshotter.contents("snapshots")).toHaveLength(1);
    expect(snapshotter.complaints).toEqual([]);
  });

  test("leaves alone what it cannot read, tree and document, and says so", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", () => {});
    await snapshotter.stop();
    const { root } = snapshotter;
    mkdirSync(`${root}/trees/1`);
    writeFileSync(`${root}/snapshots/1.json`, '{"version":2}');
    await snapshotter.start();
    expect((await snapshotter.client.list()).map(({ name }) => name)).toEqual(["base"]);
    expect(snapshotter.contents("trees")).toContain("1");
    expect(readFileSync(`${root}/snapshots/1.json`, "utf8")).toBe('{"version":2}');
    expect(snapshotter.complaints).toMatchObject([{ fields: { reason: "version 2: not known" } }]);
  });

  test("is refused as long as another has the folder", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await expect(snapshotter.start()).rejects.toThrow("is in use by another snapshotter");
    expect(await codeOf(snapshotter.client.prepare("still-served"))).toBe("OK");
  });
});

describe("a full disk", () => {
  test("fails what needs space, cleanly; space that is made is used", async () => {
    const snapshotter = await SnapshotterUnderTest.start((folder) => {
      mkdirSync(`${folder}/root`);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", `${folder}/root`]);
      onTestFinished(() => void execFileSync("umount", [`${folder}/root`]));
    });
    const { client } = snapshotter;
    await snapshotter.layer("base", "", (folder) => {
      for (const name of ["one", "two", "three"])
        writeFileSync(`${folder}/${name}`, Buffer.alloc(700 * 1024, "x"));
    });
    await expect(client.prepare("child", "base")).rejects.toThrow("no space left on device");
    expect(await codeOf(client.prepare("child", "base"))).toBe("RESOURCE_EXHAUSTED");
    await client.cleanup();
    expect(snapshotter.contents("work")).toEqual([]);
    expect(snapshotter.contents("trees")).toHaveLength(1);
    expect(await codeOf(client.stat("child"))).toBe("NOT_FOUND");
    execFileSync("mount", ["-o", "remount,size=8m", snapshotter.root]);
    expect(await codeOf(client.prepare("child", "base"))).toBe("OK");
  });
});
