import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectFolder } from "../harness/project_paths.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { folderListing } from "./support/folder_listing.ts";
import { jailSpec } from "./support/jail_spec.ts";

/**
 * The relay of lookups through a container's life: a Mac's jails always have it, here it is asked for, with a service that
 * reads descriptors as macOS's does.
 */
const { census, daemons, mountDriver } = shared();
const scripts = join(projectFolder, "test/launcher");
const place = "var/run/mDNSResponder";
let service: ChildProcess;
let folder: string;
let socket: string;

beforeAll(async () => {
  folder = await mkdtemp(`${daemons.folder}/names-`);
  socket = join(folder, "service.sock");
  service = spawn("python3", [join(scripts, "dns_service.py"), socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (service.stdout) await once(service.stdout, "data");
});

afterAll(async () => {
  service.kill("SIGKILL");
  await once(service, "exit");
  await rm(folder, { recursive: true });
});

/** A container that runs, and what its root was before. */
async function jail() {
  const root = await copyRootfs();
  const listing = await folderListing(root);
  const before = census.take();
  const spec = jailSpec({ rootfs: root, args: ["sleep", "1000"] });
  const env = { PATH: daemons.path, RUND_MOUNT_DRIVER: mountDriver, RUND_DNS_SOCKET: socket };
  const { shim, task } = await DirectShim.start({ env, spec });
  const { pid } = await task.create();
  await task.start();
  return { root, listing, before, shim, task, pid };
}

/** Lookups as a process in the container does them: from below its own root. */
async function lookUp(pid: number): Promise<unknown> {
  const { stdout } = await promisify(execFile)("python3", [
    join(scripts, "dns_client.py"),
    `/proc/${pid}/root`,
    "one",
  ]);
  return JSON.parse(stdout);
}

it("answers while the container runs, and has gone from its files before anybody reads them", async () => {
  const { root, listing, before, task, pid } = await jail();
  expect(await lookUp(pid)).toEqual([true, true, true]);
  await task.kill(9);
  await task.wait();
  await task.delete();
  expect(await folderListing(root)).toEqual(listing);
  await task.shutdown();
  await census.expectNoMoreThan(before);
});

it("goes with a container whose shim was killed", async () => {
  const { root, listing, before, shim, task, pid } = await jail();
  process.kill((await task.connect()).shimPid, "SIGKILL");
  await task.client.closed;
  expect(await lookUp(pid)).toEqual([true, true, true]);
  expect(existsSync(join(root, place)) || mountDriver === "kernel").toBe(true);
  expect(await shim.run("delete")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await folderListing(root)).toEqual(listing);
  await census.expectNoMoreThan(before);
});
