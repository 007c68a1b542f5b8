import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Kind } from "../../src/proto/generated/containerd/services/snapshots/v1/snapshots.ts";
import { codeOf } from "./support/snapshot_client.ts";
import { folderOf, SnapshotterUnderTest } from "./support/snapshotter_under_test.ts";

describe("a snapshot's life", () => {
  test("a chain of layers has what each of them changed", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    await snapshotter.layer("base", "", (folder) => {
      writeFileSync(`${folder}/changed`, "old");
      mkdirSync(`${folder}/kept/removed/deep`, { recursive: true });
    });
    await snapshotter.layer("next", "base", (folder) => {
      writeFileSync(`${folder}/changed`, "new");
      writeFileSync(`${folder}/added`, "added");
      rmSync(`${folder}/kept/removed`, { recursive: true });
    });
    const [base, next] = [
      folderOf(await client.view("v1", "base")),
      folderOf(await client.view("v2", "next")),
    ];
    expect(readFileSync(`${base}/changed`, "utf8")).toBe("old");
    expect(existsSync(`${base}/kept/removed/deep`)).toBe(true);
    expect(readFileSync(`${next}/changed`, "utf8")).toBe("new");
    expect(existsSync(`${next}/kept`)).toBe(true);
    expect(existsSync(`${next}/kept/removed`)).toBe(false);
    expect(existsSync(`${base}/added`)).toBe(false);
  });

  test("an active one becomes a committed one of another name, with the labels of the commit alone", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("key", "", { active: "yes" });
    const active = await client.stat("key");
    expect(active).toMatchObject({ name: "key", parent: "", kind: Kind.ACTIVE, labels: { active: "yes" } });
    await client.commit("name", "key", { committed: "yes" });
    expect(await codeOf(client.stat("key"))).toBe("NOT_FOUND");
    const committed = await client.stat("name");
    expect(committed).toMatchObject({ name: "name", kind: Kind.COMMITTED, labels: { committed: "yes" } });
    await client.prepare("child", "name");
    expect(await client.stat("child")).toMatchObject({ parent: "name", kind: Kind.ACTIVE });
    await client.commit("grandchild", "child");
    expect(await client.stat("grandchild")).toMatchObject({ parent: "name", kind: Kind.COMMITTED });
  });

  test("mounts are those of prepare again: the tree to write to, or the parent's to read", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const { client } = snapshotter;
    const mounts = await client.prepare("active");
    expect(mounts).toMatchObject([{ type: "bind", options: ["rbind", "rw"], target: "" }]);
    expect(await client.mounts("active")).toEqual(mounts);
    await client.commit("base", "active");
    const view = await client.view("view", "base");
    expect(view).toMatchObject([{ type: "bind", source: mounts[0]?.source, options: ["rbind", "ro"] }]);
    expect(await client.mounts("view")).toEqual(view);
    expect(await codeOf(client.mounts("base"))).toBe("FAILED_PRECONDITION");
    expect(await codeOf(client.mounts("nothing"))).toBe("NOT_FOUND");
  });

  test("the root of an empty one is a folder for everybody, whatever the process's mask", async () => {
    const mask = process.umask(0o077);
    try {
      const snapshotter = await SnapshotterUnderTest.start();
      expect(statSync(await snapshotter.edit("empty")).mode & 0o7777).toBe(0o755);
      expect(statSync(folderOf(await snapshotter.client.view("view"))).mode & 0o7777).toBe(0o755);
      expect(statSync(snapshotter.root).mode & 0o7777).toBe(0o700);
      expect(statSync(`${snapshotter.folder}/s.sock`).mode & 0o7777).toBe(0o600);
    } finally {
      process.umask(mask);
    }
  });

  test("128 layers on each other have all their files", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    for (let depth = 1; depth <= 128; depth++) {
      await snapshotter.layer(`layer-${depth}`, depth === 1 ? "" : `layer-${depth - 1}`, (folder) => {
        writeFileSync(`${folder}/file-${depth}`, `${depth}`);
        writeFileSync(`${folder}/top`, `${depth}`);
      });
    }
    const folder = folderOf(await snapshotter.client.view("view", "layer-128"));
    const found = Array.from({ length: 128 }, (_, at) => readFileSync(`${folder}/file-${at + 1}`, "utf8"));
    expect(found).toEqual(Array.from({ length: 128 }, (_, at) => `${at + 1}`));
    expect(readFileSync(`${folder}/top`, "utf8")).toBe("128");
  }, 120_000);
});

describe("what is refused", () => {
  test("a key or name that is taken, by whatever kind", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("a");
    await client.commit("base", "a");
    await client.prepare("active", "base");
    await client.view("view", "base");
    for (const name of ["active", "view", "base"]) {
      expect(await codeOf(client.prepare(name, "base"))).toBe("ALREADY_EXISTS");
      expect(await codeOf(client.view(name, "base"))).toBe("ALREADY_EXISTS");
      expect(await codeOf(client.commit(name, "active"))).toBe("ALREADY_EXISTS");
    }
    expect(await codeOf(client.prepare(""))).toBe("INVALID_ARGUMENT");
  });

  test("a parent that is missing or not committed", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("active");
    expect(await codeOf(client.prepare("child", "nothing"))).toBe("NOT_FOUND");
    expect(await codeOf(client.view("child", "nothing"))).toBe("NOT_FOUND");
    expect(await codeOf(client.prepare("child", "active"))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(client.view("child", "active"))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(client.stat("child"))).toBe("NOT_FOUND");
  });

  test("a commit of what is missing or not active, or onto another parent", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("a");
    await client.commit("base", "a");
    await client.view("view", "base");
    expect(await codeOf(client.commit("name", "nothing"))).toBe("NOT_FOUND");
    expect(await codeOf(client.commit("name", "view"))).toBe("FAILED_PRECONDITION");
    expect(await codeOf(client.commit("name", "base"))).toBe("FAILED_PRECONDITION");
    await client.prepare("free");
    expect(await codeOf(client.commit("name", "free", {}, "base"))).toBe("UNIMPLEMENTED");
    await client.prepare("child", "base");
    expect(await codeOf(client.commit("name", "child", {}, "base"))).toBe("OK");
  });

  test("the removal of what has children, until they are gone", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("a");
    await client.commit("base", "a");
    await client.prepare("b", "base");
    await client.commit("middle", "b");
    await client.view("view", "middle");
    expect(await codeOf(client.remove("base"))).toBe("FAILED_PRECONDITION");
    expect(await codeOf(client.remove("middle"))).toBe("FAILED_PRECONDITION");
    await expect(client.remove("middle")).rejects.toThrow("cannot remove snapshot with child");
    await client.remove("view");
    await client.remove("middle");
    await client.remove("base");
    expect(await codeOf(client.remove("base"))).toBe("NOT_FOUND");
    expect(await client.list()).toEqual([]);
  });

  test("a label that is too long, and nothing is left of its snapshot", async () => {
    const snapshotter = await SnapshotterUnderTest.start();
    const labels = { key: "x".repeat(4096) };
    expect(await codeOf(snapshotter.client.prepare("active", "", labels))).toBe("INVALID_ARGUMENT");
    expect(snapshotter.contents("trees")).toEqual([]);
  });
});
