import { describe, expect, test } from "vitest";
import { codeOf } from "./support/snapshot_client.ts";
import { SnapshotterUnderTest } from "./support/snapshotter_under_test.ts";

describe("update", () => {
  test("replaces all labels without a mask, one with a path to it, none other", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("active", "", { one: "1", "dotted.name/x": "2" });
    const before = await client.stat("active");
    const masked = await client.update("active", { one: "changed", other: "ignored" }, ["labels.one"]);
    expect(masked.labels).toEqual({ one: "changed", "dotted.name/x": "2" });
    const gone = await client.update("active", {}, ["labels.dotted.name/x"]);
    expect(gone.labels).toEqual({ one: "changed" });
    const all = await client.update("active", { new: "3", empty: "" });
    expect(all.labels).toEqual({ new: "3" });
    expect((await client.update("active", { last: "4" }, ["labels"])).labels).toEqual({ last: "4" });
    const after = await client.stat("active");
    expect(after).toMatchObject({ labels: { last: "4" }, createdAt: before.createdAt });
    expect(after.updatedAt).not.toEqual(before.updatedAt);
  });

  test("refuses what cannot be changed, and what is not there", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("active");
    for (const field of ["parent", "name", "kind", "created_at"]) {
      expect(await codeOf(client.update("active", {}, [field]))).toBe("INVALID_ARGUMENT");
    }
    expect(await codeOf(client.update("nothing", {}))).toBe("NOT_FOUND");
  });
});

describe("list", () => {
  test("has every snapshot, in as many messages as it takes", async () => {
    const { client } = await SnapshotterUnderTest.start();
    const names = Array.from({ length: 230 }, (_, at) => `snapshot-${String(at).padStart(3, "0")}`);
    for (const name of names) await client.prepare(name);
    const listed = await client.list();
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(listed[7]).toEqual(await client.stat("snapshot-007"));
  });

  test("takes containerd's filters; one that matches is enough", async () => {
    const { client } = await SnapshotterUnderTest.start();
    await client.prepare("a", "", { "containerd.io/snapshot.ref": "sha256:1", plain: "x" });
    await client.commit("base", "a", { "containerd.io/snapshot.ref": "sha256:1" });
    await client.prepare("active", "base", { plain: "x" });
    await client.view("view", "base");
    const names = async (...filters: string[]) => (await client.list(...filters)).map(({ name }) => name);
    expect(await names("kind==committed")).toEqual(["base"]);
    expect(await names("kind==view", "kind==active")).toEqual(["active", "view"]);
    expect(await names("parent==base,labels.plain==x")).toEqual(["active"]);
    expect(await names('labels."containerd.io/snapshot.ref"==sha256:1,parent==""')).toEqual(["base"]);
    expect(await names("labels.plain")).toEqual(["active"]);
    expect(await names("name~=^(a|v)")).toEqual(["active", "view"]);
    expect(await codeOf(client.list("name=="))).toBe("INVALID_ARGUMENT");
  });
});
