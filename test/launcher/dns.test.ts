import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MountRecord, MountRequest } from "../../src/mount/types.ts";
import { eventually } from "./eventually.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { isAlive } from "./proc_status.ts";

/** The relay of a jail's lookups, between a service and clients that pass descriptors as macOS's do. */
let sandbox: MountSandbox;
let record: MountRecord | undefined;
let before: string;
let services: ChildProcess[];

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  services = [];
  mkdirSync(join(sandbox.image, "private/var"), { recursive: true });
  symlinkSync("private/var", join(sandbox.image, "var"));
  before = sandbox.tree();
});

afterEach(async () => {
  if (record !== undefined) await sandbox.undo(record);
  record = undefined;
  for (const service of services) await ended(service);
  sandbox.remove();
});

const socket = () => join(sandbox.host, "service.sock");
const place = () => join(sandbox.image, "private/var/run/mDNSResponder");

async function ended(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  service.kill("SIGKILL");
  await once(service, "exit");
}

async function startService(): Promise<ChildProcess> {
  const script = new URL("dns_service.py", import.meta.url).pathname;
  const service = spawn("python3", [script, socket()], { stdio: ["ignore", "pipe", "inherit"] });
  services.push(service);
  await once(service.stdout, "data");
  return service;
}

async function mount(fields: Partial<MountRequest> = {}): Promise<void> {
  record = await sandbox.apply({ dns: socket(), ...fields });
}

/** What a process in the jail sees; Node has no way to pass descriptors. */
async function client(scenario: string, number = 0, root = sandbox.image): Promise<unknown> {
  const script = new URL("dns_client.py", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)("python3", [script, root, scenario, String(number)]);
  return JSON.parse(stdout);
}

async function expectNothingLeft(): Promise<void> {
  const [relay] = relays();
  if (record !== undefined) await sandbox.undo(record);
  record = undefined;
  expect(relay === undefined || isAlive(relay)).toBe(relay === undefined);
  expect(sandbox.leftovers()).toEqual([]);
  expect(sandbox.tree()).toBe(before);
}

/** Processes that the journal names. */
function relays(): number[] {
  const journal =
    record !== undefined && existsSync(record.journal) ? readFileSync(record.journal, "utf8") : "";
  return [...journal.matchAll(/relay\0(\d+)\0/g)].map(([, pid]) => Number(pid));
}

describe("lookups of names from a jail", () => {
  it("come to the service with their descriptors, and its answers come back with its own", async () => {
    await startService();
    await mount();
    expect(lstatSync(place()).mode & 0o7777).toBe(0o666);
    expect(await client("one")).toEqual([true, true, true]);
    await expectNothingLeft();
  });

  it("are served for two hundred clients at once", async () => {
    await startService();
    await mount();
    expect(await client("many", 200)).toBe(200);
    await expectNothingLeft();
  });

  it("pass half-closes on, and hold a slow reader's bytes back", async () => {
    await startService();
    await mount();
    expect(await client("half_close", 2_000_000)).toEqual([true, true, ["from the service"], true]);
    await expectNothingLeft();
  });

  it("outlive garbage, and nobody can leave descriptors here", async () => {
    await startService();
    await mount();
    const [relay = 0] = relays();
    const open = () => readdirSync(`/proc/${relay}/fd`).length;
    // The socket that it listens at, and its two outputs.
    const usual = 3;
    expect(await client("garbage", 100)).toEqual([true, true, true]);
    expect(await client("rights", 200)).toBe("");
    expect(await client("rights", 9)).toBe("");
    await eventually(async () => open() === usual);
    await expectNothingLeft();
  });

  it("go on when more connections were held than are let in", async () => {
    await startService();
    await mount();
    expect(await client("held", 600)).toEqual([true, true, true]);
    await expectNothingLeft();
  });

  it("end at once while the service is away, and are served when it is back", async () => {
    const first = await startService();
    await mount();
    await ended(first);
    expect(await client("end")).toBe("");
    await promisify(execFile)("rm", [socket()]);
    expect(await client("end")).toBe("");
    await startService();
    expect(await client("one")).toEqual([true, true, true]);
    await expectNothingLeft();
  });

  it("wait while the service's queue is full", async () => {
    const connections: unknown[] = [];
    const server = createServer((connection) => connections.push(connection.end("hello")));
    server.listen({ path: socket(), backlog: 1 });
    await once(server, "listening");
    await mount();
    const texts = await Promise.all([1, 2, 3, 4].map(() => client("end")));
    expect(texts).toEqual(["hello", "hello", "hello", "hello"]);
    server.close();
    await expectNothingLeft();
  });
});

describe("the relay's socket", () => {
  it("is where links lead to in the jail, and nowhere else", async () => {
    await startService();
    symlinkSync("/../../host", join(sandbox.image, "private/var/run"));
    before = sandbox.tree();
    await mount();
    expect(readdirSync(sandbox.host)).toEqual(["service.sock"]);
    expect(readdirSync(join(sandbox.image, "host"))).toEqual(["mDNSResponder"]);
    expect(await client("one")).toEqual([true, true, true]);
    await expectNothingLeft();
  });

  it("fits also where its path is longer than an address", async () => {
    await startService();
    const long = join(sandbox.path, "l".repeat(200));
    mkdirSync(long);
    await mount({ rootPath: long });
    expect(await client("one", 0, long)).toEqual([true, true, true]);
    await expectNothingLeft();
    expect(readdirSync(long)).toEqual([]);
  });

  it.each([
    ["read-only", { readonlyRoot: true, root: "direct" }],
    ["behind bindfs", { driver: "bindfs", root: "bindfs" }],
  ] as const)("serves a jail whose root is %s", async (_, fields) => {
    await startService();
    await mount(fields);
    expect(await client("one", 0, record?.root)).toEqual([true, true, true]);
    // Through bindfs the kernel knows a folder's times only after a while, so they are not put back.
    if (fields.root === "direct") return expectNothingLeft();
    await sandbox.undo(record as MountRecord);
    record = undefined;
    expect(readdirSync(join(sandbox.image, "private/var"))).toEqual([]);
    return undefined;
  });

  it("takes the place of one that a lost jail has left, but of nothing else", async () => {
    await startService();
    await mount();
    const [relay = 0] = relays();
    process.kill(relay, "SIGKILL");
    const lost = record?.journal ?? "";
    await promisify(execFile)("rm", [lost]);
    await eventually(async () => !isAlive(relay));
    await mount();
    expect(await client("one")).toEqual([true, true, true]);
    await sandbox.undo(record as MountRecord);
    expect(existsSync(place())).toBe(false);
    mkdirSync(join(sandbox.image, "private/var/run"));
    writeFileSync(place(), "of the image");
    await mount();
    expect(sandbox.log).toContain("the jail has no lookups of names by the host: File exists");
    await sandbox.undo(record as MountRecord);
    record = undefined;
    expect(readFileSync(place(), "utf8")).toBe("of the image");
  });

  it("is not there without a service, and the jail is", async () => {
    await mount();
    expect(sandbox.log).toEqual(["the jail has no lookups of names by the host: No such file or directory"]);
    expect(existsSync(place())).toBe(false);
    await expectNothingLeft();
  });
});
