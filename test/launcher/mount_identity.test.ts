import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { encodeRecords } from "../../src/mount/records.ts";
import { eventually } from "./eventually.ts";
import { launcher } from "./launcher_under_test.ts";
import { MountSandbox } from "./mount_sandbox.ts";

let sandbox: MountSandbox;
beforeEach(async () => {
  sandbox = await MountSandbox.create();
});
afterEach(() => sandbox.remove());

it("leaves a mount of somebody else's that got the id of one of ours", async () => {
  const record = await sandbox.apply();
  // As containerd does when it removes a bundle. The system then gives the id to the next mount.
  execFileSync("umount", ["--lazy", join(sandbox.bundle, "rootfs")]);
  const others = Array.from({ length: 8 }, (_, index) => join(sandbox.host, `other-${index}`));
  for (const other of others) {
    mkdirSync(other);
    execFileSync("mount", ["-t", "tmpfs", "other", other]);
    writeFileSync(join(other, "canary"), "");
  }
  try {
    await sandbox.undo(record);
    for (const other of others) execFileSync("test", ["-e", join(other, "canary")]);
    expect(sandbox.mounted().length).toBe(others.length);
  } finally {
    for (const other of others) execFileSync("umount", [other]);
  }
  await eventually(() => sandbox.mounted().length === 0);
});

/**
 * What an undo of a journal does to the mounts of the host, tried on a copy of them: in a mount namespace of its own.
 * What it answers is how many mounts there are before and after.
 */
function undoInCopy(journal: string): [before: number, after: number] {
  const count = "grep -c . /proc/self/mountinfo";
  const script = `${count}; "$0" umount "$1" >/dev/null; ${count}`;
  const options = ["--mount", "--propagation", "private", "sh", "-c", script, launcher, journal];
  const [before = 0, after = 0] = execFileSync("unshare", options).toString().trim().split("\n").map(Number);
  return [before, after];
}

/** The id of the mount in which a folder is, as the system's table has it. */
function idAround(folder: string): string {
  return execFileSync("findmnt", ["--noheadings", "--output", "ID", "--target", folder]).toString().trim();
}

it.each(["mounted", "mount"])(
  "takes a step '%s' that names the mount around the place for nothing done",
  (step) => {
    const journal = join(sandbox.bundle, "mounts.journal");
    const place = join(sandbox.host, "place");
    mkdirSync(place);
    const id = step === "mounted" ? idAround(place) : "1";
    writeFileSync(
      journal,
      encodeRecords([
        ["worker", "1", "0"],
        [step, "/", place, id],
      ]),
    );
    const [before, after] = undoInCopy(journal);
    expect(before).toBeGreaterThan(5);
    expect(after).toBe(before);
  },
);
