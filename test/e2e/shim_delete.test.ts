import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Mount } from "../../src/oci/spec.ts";
import { DeleteResponse } from "../../src/proto/generated/containerd/task/v2/task.ts";
import type { Census } from "../harness/host_census.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { folderListing } from "./support/folder_listing.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { census, daemons, mountDriver } = shared();
const env = { PATH: daemons.path, RUND_MOUNT_DRIVER: mountDriver };

/** What containerd gives it (io.containerd.timeout.shim.cleanup). */
const limit = 5000;
const processCount = 150;
const mountCount = 15;

interface Orphan {
  readonly shim: DirectShim;
  readonly pid: number;
  readonly root: string;
  /** What was there before. */
  readonly census: Census;
  readonly listing: readonly string[];
}

/** A container of many processes, a part of them in sessions of their own, and many mounts, whose shim was killed. */
async function orphan(): Promise<Orphan> {
  const root = await copyRootfs();
  const volume = await testFolder();
  await mkdir(`${volume}/folder`);
  const listing = await folderListing(root);
  const before = census.take();
  const mounts: Mount[] = Array.from({ length: mountCount }, (_, index) => {
    return {
      destination: `/mnt/${index}/deep`,
      type: "bind",
      source: `${volume}/folder`,
      options: ["bind", "rw"],
    };
  });
  const script = `trap "" TERM; i=0; while [ $i -lt ${processCount} ]; do i=$((i+1));
    if [ $((i % 3)) = 0 ]; then setsid sleep 1000 & else sleep 1000 & fi; done; touch /mnt/0/deep/up; wait`;
  const { shim, task } = await DirectShim.start({
    env,
    spec: jailSpec({ rootfs: root, args: ["sh", "-c", script], mounts }),
  });
  const { pid } = await task.create();
  await task.start();
  await expect.poll(() => existsSync(`${volume}/folder/up`), { timeout: 20_000 }).toBe(true);
  process.kill((await task.connect()).shimPid, "SIGKILL");
  await task.client.closed;
  return { shim, pid, root, census: before, listing };
}

async function expectNothingLeft({ root, census: before, listing }: Orphan): Promise<void> {
  await census.expectNoMoreThan(before);
  expect(await folderListing(root)).toEqual(listing);
}

it(`ends ${processCount} processes and takes back ${mountCount} mounts in time, and again finds nothing to do`, async () => {
  const left = await orphan();
  const asked = Date.now();
  const first = await left.shim.run("delete");
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  expect(first.milliseconds).toBeLessThan(limit);
  const answer = DeleteResponse.decode(first.stdoutBytes);
  expect(answer).toMatchObject({ pid: left.pid, exitStatus: 137 });
  expect(Number(answer.exitedAt?.seconds)).toBeGreaterThanOrEqual(Math.floor(asked / 1000));
  await expectNothingLeft(left);
  for (let again = 0; again < 2; again++) {
    const { exitCode, stdoutBytes, stderr } = await left.shim.run("delete");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(DeleteResponse.decode(stdoutBytes).exitStatus).toBe(137);
  }
});

it("goes on where one that was killed has got to", async () => {
  const left = await orphan();
  for (const timeout of [5, 15, 30, 60]) {
    // The command's end by its timeout is a rejection.
    await left.shim.run("delete", [], { timeout }).catch(() => undefined);
  }
  const last = await left.shim.run("delete");
  expect(last).toMatchObject({ exitCode: 0, stderr: "" });
  await expectNothingLeft(left);
});

it("can run several times at once", async () => {
  const left = await orphan();
  const results = await Promise.all([1, 2, 3].map(() => left.shim.run("delete")));
  for (const { exitCode, milliseconds, stdoutBytes } of results) {
    expect(exitCode).toBe(0);
    expect(milliseconds).toBeLessThan(limit);
    expect(DeleteResponse.decode(stdoutBytes).exitStatus).toBe(137);
  }
  await expectNothingLeft(left);
});

it("tells the time of an end that the shim has seen, not its own", async () => {
  const root = await copyRootfs();
  const { shim, task } = await DirectShim.start({
    env,
    spec: jailSpec({ rootfs: root, args: ["sh", "-c", "exit 9"] }),
  });
  await task.create();
  await task.start();
  const { exitedAt } = await task.wait();
  process.kill((await task.connect()).shimPid, "SIGKILL");
  await task.client.closed;
  await delay(20);
  const { stdoutBytes } = await shim.run("delete");
  expect(DeleteResponse.decode(stdoutBytes)).toMatchObject({ exitStatus: 9, exitedAt });
});
