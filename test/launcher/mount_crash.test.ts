import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mountRecordOf } from "../../src/mount/mount_record.ts";
import { planMounts } from "../../src/mount/plan_mounts.ts";
import { encodeRecords } from "../../src/mount/records.ts";
import type { MountRequest } from "../../src/mount/types.ts";
import { DarwinDoubles } from "./darwin_doubles.ts";
import { launcher } from "./launcher_under_test.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind, pseudoMounts } from "./mount_specs.ts";

let sandbox: MountSandbox;
let before: string;
let fields: Partial<MountRequest>;
let service: Server;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  mkdirSync(join(sandbox.image, "etc"));
  writeFileSync(join(sandbox.image, "etc/hosts"), "of the image\n", { mode: 0o640 });
  writeFileSync(join(sandbox.host, "hosts"), "of the host\n");
  service = createServer().listen(join(sandbox.host, "service.sock"));
  await once(service, "listening");
  before = sandbox.tree();
  fields = {
    dns: join(sandbox.host, "service.sock"),
    mounts: [
      ...pseudoMounts,
      bind(join(sandbox.host, "hosts"), "/etc/hosts"),
      bind(sandbox.host, "/deep/data"),
    ],
  };
});

afterEach(() => {
  service.close();
  sandbox.remove();
});

/** Starts the launcher on a plan and kills it after `milliseconds`. */
async function applyAndKill(request: Partial<MountRequest>, milliseconds: number): Promise<void> {
  const plan = planMounts(sandbox.request(request));
  const child = spawn(launcher, ["mount", plan.journal], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = once(child, "exit");
  child.stdin?.on("error", () => {});
  child.stdin?.end(encodeRecords(plan.operations));
  await sleep(milliseconds);
  child.kill("SIGKILL");
  await ended;
}

/** Milliseconds that the whole of it takes on this machine just now, so that the kills fall into all of its parts. */
async function timeWhole(request: Partial<MountRequest>): Promise<number> {
  const began = Date.now();
  await sandbox.undo(await sandbox.apply(request));
  return Date.now() - began;
}

const onMac = (fields: Partial<MountRequest> = {}) => new DarwinDoubles(sandbox).request(fields);

describe.each<[string, () => Partial<MountRequest>]>([
  ["the kernel's mounts", () => ({ driver: "kernel" })],
  ["bindfs", () => ({ driver: "bindfs" })],
  ["bindfs and a read-only root", () => ({ driver: "bindfs", readonlyRoot: true })],
  ["the plan for a Mac", () => onMac()],
  ["the plan for a Mac and a read-only root", () => onMac({ readonlyRoot: true })],
])("a kill at any moment, with %s", (_, chosen) => {
  let ways: Partial<MountRequest>;
  beforeEach(() => {
    ways = chosen();
  });

  it("leaves nothing that a later undo does not find", async () => {
    const reached = new Set<number>();
    const whole = await timeWhole({ ...fields, ...ways });
    for (let round = 0; round < 30; round++) {
      await applyAndKill({ ...fields, ...ways }, (whole * round) / 25);
      reached.add(sandbox.mounted().length);
      await sandbox.undo(mountRecordOf(sandbox.bundle));
      expect(sandbox.mounted()).toEqual([]);
      expect(sandbox.servers()).toEqual([]);
      expect(sandbox.leftovers()).toEqual([]);
      expect(sandbox.tree().replace(/^.* d .*$/gm, "")).toBe(before.replace(/^.* d .*$/gm, ""));
    }
    expect(readFileSync(join(sandbox.host, "hosts"), "utf8")).toBe("of the host\n");
    expect(reached.size).toBeGreaterThan(1);
  });

  it("of the undo itself leaves what the next undo finishes", async () => {
    for (let round = 0; round < 20; round++) {
      const record = await sandbox.apply({ ...fields, ...ways });
      const child = spawn(launcher, ["umount", record.journal], { stdio: "ignore" });
      const ended = once(child, "exit");
      await sleep(round / 4);
      child.kill("SIGKILL");
      await ended;
      await sandbox.undo(record);
      expect(sandbox.mounted()).toEqual([]);
      expect(sandbox.servers()).toEqual([]);
      expect(sandbox.leftovers()).toEqual([]);
      expect(sandbox.tree().replace(/^.* d .*$/gm, "")).toBe(before.replace(/^.* d .*$/gm, ""));
    }
    expect(readFileSync(join(sandbox.host, "hosts"), "utf8")).toBe("of the host\n");
  });

  it("of the process that applies lets `delete` undo with the bundle's path alone", async () => {
    const request = JSON.stringify(sandbox.request({ ...fields, ...ways }));
    const script = `
        const { planMounts } = await import("${new URL("../../src/mount/plan_mounts.ts", import.meta.url)}");
        const { applyMounts } = await import("${new URL("../../src/mount/apply_mounts.ts", import.meta.url)}");
        const { silentLogger } = await import("${new URL("../../src/common/log.ts", import.meta.url)}");
        await applyMounts(planMounts(${request}), () => {}, silentLogger);
        process.kill(process.pid, "SIGKILL");`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [, signal] = await once(child, "exit");
    expect(signal).toBe("SIGKILL");
    expect(sandbox.mounted()).not.toEqual([]);
    await sandbox.undo(mountRecordOf(sandbox.bundle));
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.servers()).toEqual([]);
    expect(sandbox.leftovers()).toEqual([]);
    expect(sandbox.tree()).toBe(before);
  });
});

describe("undo", () => {
  it("waits for a mount that is still at work and takes all of it back", async () => {
    const plan = planMounts(sandbox.request({ ...fields, driver: "bindfs" }));
    for (let round = 0; round < 20; round++) {
      const child = spawn(launcher, ["mount", plan.journal], { stdio: ["pipe", "ignore", "ignore"] });
      const ended = once(child, "exit");
      child.stdin?.end(encodeRecords(plan.operations));
      await sleep(round / 4);
      await sandbox.undo(mountRecordOf(sandbox.bundle));
      await ended;
      // It may have begun only after the first undo had looked.
      await sandbox.undo(mountRecordOf(sandbox.bundle));
      expect(sandbox.mounted()).toEqual([]);
      expect(sandbox.leftovers()).toEqual([]);
    }
  });

  it("runs twice at once without harm", async () => {
    for (let round = 0; round < 10; round++) {
      const record = await sandbox.apply(fields);
      await Promise.all([sandbox.undo(record), sandbox.undo(record), sandbox.undo(record)]);
      expect(sandbox.mounted()).toEqual([]);
      expect(sandbox.leftovers()).toEqual([]);
      expect(sandbox.tree()).toBe(before);
    }
  });

  it("takes a torn journal and one of garbage for what can be read of it", async () => {
    const record = await sandbox.apply(fields);
    writeFileSync(record.journal, "4\0moun", { flag: "a" });
    await sandbox.undo(record);
    expect(sandbox.mounted()).toEqual([]);
    expect(sandbox.tree()).toBe(before);
    writeFileSync(record.journal, "garbage\0\0\x01");
    await sandbox.undo(record);
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("has nothing to do without a journal", async () => {
    await sandbox.undo(mountRecordOf(join(sandbox.path, "no-such-bundle")));
  });
});
