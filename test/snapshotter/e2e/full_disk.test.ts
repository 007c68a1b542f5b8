import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

const ofRund = { flags: ["--snapshotter", "rund"] };

/** Some room is taken by what is written a moment later than it was asked for. */
const worlds = [
  { files: "ext4", megabytes: 64 },
  { files: "xfs", megabytes: 320 },
] as const;

describe.each(worlds)("a full disk of $files", (world) => {
  let daemons: SnapshotterDaemons;

  beforeAll(async () => {
    daemons = await SnapshotterDaemons.start({ containerd: "2.1", ...world });
    await daemons.ctr.ok(["image", "import", "--snapshotter", "rund", daemons.archive]);
  }, 300_000);

  afterAll(() => daemons?.stop());

  test("fails a container with that text, leaves nothing of it, and is no matter once there is room", async () => {
    const { ctr, snapshotter, files } = daemons;
    const filler = `${files?.path}/filler`;
    const trees = () => readdirSync(`${snapshotter.root}/trees`);
    const before = trees();
    execFileSync("sh", ["-c", `cat /dev/zero > ${filler} 2>/dev/null; sync -f ${filler}; true`]);
    execFileSync("sh", ["-c", `cat /dev/zero > ${filler}-2 2>/dev/null; true`]);
    const refused = await ctr.runContainer(["true"], ofRund);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain("no space left on device");
    await expect.poll(trees, { timeout: 15_000 }).toEqual(before);
    await expect.poll(() => readdirSync(`${snapshotter.root}/work`)).toEqual([]);
    expect(readdirSync(`${snapshotter.root}/snapshots`)).toHaveLength(before.length);
    for (const path of [filler, `${filler}-2`]) rmSync(path, { force: true });
    await files?.used();
    const result = await ctr.runContainer(["echo", "again"], ofRund);
    expect(result).toMatchObject({ exitCode: 0, stdout: "again\n" });
    expect(snapshotter.log()).not.toContain('"level":"error"');
  });
});
