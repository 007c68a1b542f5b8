import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ctr } from "../../harness/ctr.ts";
import { imageName } from "../../harness/test_image.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { SnapshotClient } from "../support/snapshot_client.ts";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

let daemons: SnapshotterDaemons;
let ctr: Ctr;

const withSnapshotter = { flags: ["--snapshotter", "rund"] };

beforeAll(async () => {
  daemons = await SnapshotterDaemons.start({ containerd: "2.1" });
  ctr = daemons.ctr;
  await ctr.ok(["image", "import", "--snapshotter", "rund", daemons.archive]);
}, 300_000);

afterAll(async () => {
  await daemons.stop();
});

/** The lines of `ctr snapshots ls`: key, parent, kind. */
async function snapshots(): Promise<string[][]> {
  const { stdout } = await ctr.ok(["snapshots", "--snapshotter", "rund", "ls"]);
  const lines = stdout.trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/));
}

function treesOnDisk(): number {
  return readdirSync(`${daemons.snapshotter.root}/trees`).length;
}

describe("ctr with --snapshotter rund", () => {
  test("unpacks an image into one committed snapshot for each layer", async () => {
    const kinds = (await snapshots()).map((columns) => columns.at(-1));
    expect(kinds).toEqual(["Committed"]);
    const { stdout } = await ctr.ok(["snapshots", "--snapshotter", "rund", "usage"]);
    expect(stdout).toMatch(/sha256:\w+\s+[\d.]+ [KM]iB\s+\d+/);
  });

  test("runs a container on a tree of its own, which is gone with it", async () => {
    const [before, host] = [treesOnDisk(), daemons.census.take()];
    const result = await ctr.runContainer(
      ["sh", "-c", "echo changed > /etc/new && cat /etc/new"],
      withSnapshotter,
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: "changed\n" });
    const again = await ctr.runContainer(["cat", "/etc/new"], withSnapshotter);
    expect(again.exitCode).not.toBe(0);
    await daemons.census.expectNoMoreThan(host);
    // containerd's garbage collector removes it, after ctr has ended.
    await expect.poll(async () => (await snapshots()).length, { timeout: 15_000 }).toBe(1);
    await expect.poll(treesOnDisk, { timeout: 15_000 }).toBe(before);
  });

  test("a root that is only read is a view of the image", async () => {
    const flags = [...withSnapshotter.flags, "--read-only"];
    const result = await ctr.runContainer(["sh", "-c", "echo x > /new || ls /etc/passwd"], { flags });
    expect(result.stdout).toContain("/etc/passwd");
  });

  test("many containers at once each have their own tree", async () => {
    const run = (name: string) =>
      ctr.runContainer(["sh", "-c", `echo ${name} > /own && sleep 0.2 && cat /own`], withSnapshotter);
    const names = ["one", "two", "three", "four"];
    const results = await Promise.all(names.map(run));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(names);
  });

  test("commits a snapshot and runs on it", async () => {
    const key = uniqueId();
    const [[base = ""] = []] = await snapshots();
    const command = ["snapshots", "--snapshotter", "rund"];
    const { stdout } = await ctr.ok([...command, "prepare", "--mounts", key, base]);
    expect(stdout).toContain("rbind");
    await ctr.ok([...command, "commit", `${key}-committed`, key]);
    const refused = await ctr.run([...command, "rm", base]);
    expect(refused.exitCode).not.toBe(0);
    await ctr.ok([...command, "rm", `${key}-committed`]);
  });

  test("is told the labels that are for snapshotters, and takes their changes", async () => {
    const [key, label] = [uniqueId(), "containerd.io/snapshot/example"];
    const command = ["snapshots", "--snapshotter", "rund"];
    await ctr.ok([...command, "prepare", key]);
    const client = new SnapshotClient(daemons.snapshotter.address);
    const labels = async () => (await client.list(`name~=/${key}$/`)).map((snapshot) => snapshot.labels);
    await ctr.ok([...command, "label", key, `${label}=one`, "mine=two"]);
    expect(await labels()).toEqual([{ [label]: "one" }]);
    await ctr.ok([...command, "label", key, `${label}=`]);
    expect(await labels()).toEqual([{}]);
    client.close();
    await ctr.ok([...command, "rm", key]);
  });

  test("a restart of the snapshotter keeps the images, and containers that run", async () => {
    const id = await ctr.startContainer(["sh", "-c", "echo kept > /file; sleep 60"], withSnapshotter);
    await daemons.restartSnapshotter();
    const look = ["sh", "-c", "until cat /file 2>/dev/null; do sleep 0.1; done"];
    const { stdout } = await ctr.ok(["task", "exec", "--exec-id", uniqueId(), id, ...look]);
    expect(stdout).toBe("kept\n");
    await ctr.remove(id);
    const result = await ctr.runContainer(["echo", "after"], withSnapshotter);
    expect(result.stdout).toBe("after\n");
  });

  test("without its image, all of it is off the disk", async () => {
    await ctr.ok(["image", "rm", "--sync", imageName]);
    await expect.poll(snapshots, { timeout: 15_000 }).toEqual([]);
    await expect.poll(treesOnDisk, { timeout: 15_000 }).toBe(0);
    await expect.poll(() => readdirSync(`${daemons.snapshotter.root}/work`)).toEqual([]);
    expect(readdirSync(`${daemons.snapshotter.root}/snapshots`)).toEqual([]);
  });
});
