import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codeOf } from "./support/snapshot_client.ts";
import { SnapshotterUnderTest } from "./support/snapshotter_under_test.ts";

function manyFiles(folder: string): void {
  for (let at = 0; at < 500; at++) writeFileSync(`${folder}/file-${at}`, `${at}`);
}

describe("concurrent calls", () => {
  test("of many that make the same key, one does", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await snapshotter.layer("base", "", manyFiles);
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(client.prepare("key", "base"))));
    expect(codes.sort()).toEqual([...Array<string>(7).fill("ALREADY_EXISTS"), "OK"]);
    expect(snapshotter.contents("trees")).toHaveLength(2);
  });

  test("different children of one parent are whole", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    await snapshotter.layer("base", "", manyFiles);
    const keys = Array.from({ length: 8 }, (_, at) => `child-${at}`);
    const folders = await Promise.all(keys.map((key) => snapshotter.edit(key, "base")));
    for (const folder of folders) {
      const found = Array.from({ length: 500 }, (_, at) => readFileSync(`${folder}/file-${at}`, "utf8"));
      expect(found).toEqual(Array.from({ length: 500 }, (_, at) => `${at}`));
    }
  });

  test("a parent cannot be removed while a child is being made of it", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await snapshotter.layer("base", "", manyFiles);
    const [made, removed] = await Promise.all([
      codeOf(client.prepare("child", "base")),
      codeOf(client.remove("base")),
    ]);
    expect([made, removed]).toEqual(["OK", "FAILED_PRECONDITION"]);
  });

  test("one commit or removal of a key wins, and what is left fits it", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await client.prepare("key");
    const codes = await Promise.all([
      ...["one", "two", "three"].map((name) => codeOf(client.commit(name, "key"))),
      codeOf(client.remove("key")),
    ]);
    expect(codes.filter((code) => code === "OK")).toHaveLength(1);
    expect(codes.filter((code) => code === "NOT_FOUND")).toHaveLength(3);
    await client.cleanup();
    expect(snapshotter.contents("trees")).toHaveLength((await client.list()).length);
  });

  test("a caller that gives up leaves nothing behind", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await snapshotter.layer("base", "", manyFiles);
    expect(await codeOf(client.prepare("child", "base", {}, 1))).toBe("DEADLINE_EXCEEDED");
    // Behind the one that was given up, whether that had been begun or not.
    expect(await codeOf(client.prepare("child", "base"))).toMatch(/^(OK|ALREADY_EXISTS)$/);
    await client.cleanup();
    expect(snapshotter.contents("work")).toEqual([]);
    expect(snapshotter.contents("trees")).toHaveLength(2);
  });
});
