import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
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
