import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { busyboxRootfs } from "../harness/busybox_rootfs.ts";
import { containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

async function started(annotations?: Readonly<Record<string, string>>) {
  const change = (spec: Spec): Spec => (annotations === undefined ? spec : { ...spec, annotations });
  const bundle = await makeBundle(own, ["sleep", "1000"], { change });
  const id = containerId(rund);
  await rund.start(id, bundle);
  return { id, bundle };
}

describe("state", () => {
  it("tells what the specification and runc have, in runc's order", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"], {
      change: (spec) => ({ ...spec, annotations: { color: "red" } }),
    });
    const id = containerId(...both);
    const documents = [];
    for (const runtime of both) {
      await runtime.start(id, bundle);
      documents.push((await runtime.ok(["state", id])).stdout);
    }
    const [first, second] = documents.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(Object.keys(first ?? {})).toEqual(Object.keys(second ?? {}));
    expect(first).toMatchObject({
      ociVersion: "1.3.0",
      id,
      status: "running",
      bundle: bundle.path,
      rootfs: own.rootfs,
      annotations: { color: "red" },
      owner: "root",
    });
    expect(documents[0]).toMatch(/^\{\n {2}"ociVersion"/);
    const { pid } = await rund.state(id);
    expect(await readFile(`/proc/${pid}/comm`, "utf8")).toBe("sleep\n");
  });

  it("has a time that others can read", async () => {
    const before = Date.now();
    const { id } = await started();
    const created = Date.parse((await rund.state(id)).created);
    expect(created).toBeGreaterThanOrEqual(before - 1);
    expect(created).toBeLessThanOrEqual(Date.now());
  });

  it("has no pid when the container has ended", async () => {
    const { id } = await started();
    await rund.ok(["kill", id, "KILL"]);
    await expect.poll(() => rund.state(id)).toMatchObject({ status: "stopped", pid: 0 });
  });
});

describe("list", () => {
  it("has a column for each thing, as runc's", async () => {
    const { id, bundle } = await started();
    const { pid, created } = await rund.state(id);
    const lines = (await rund.ok(["list"])).stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]);
    expect(lines).toContainEqual([id, String(pid), "running", bundle.path, created, "root"]);
  });

  it("has the containers of its own folder only, in order", async () => {
    const [first, second] = [(await started()).id, (await started()).id].sort();
    expect((await rund.ok(["list", "-q"])).stdout).toBe(`${first}\n${second}\n`);
    const elsewhere = await rund.ok(["--root", `${own.folder}/elsewhere`, "list", "-f", "json"]);
    expect(elsewhere.stdout).toBe("[]\n");
  });
});

describe("ps", () => {
  it("has all processes of the container, and of no other", async () => {
    const bundle = await makeBundle(own, "sleep 1000 & exec sleep 2000");
    const id = containerId(rund);
    await rund.start(id, bundle);
    await started();
    const commands = async () => {
      const { stdout } = await rund.ok(["ps", id, "-o", "pid,args"]);
      return stdout.split("\n").map((line) => line.trim().replace(/^\d+ /, ""));
    };
    await expect.poll(commands).toEqual(["PID COMMAND", "sleep 2000", "sleep 1000", ""]);
    const pids = JSON.parse((await rund.ok(["ps", "-f", "json", id])).stdout) as number[];
    expect(pids).toHaveLength(2);
    expect(pids).toContain((await rund.state(id)).pid);
    const full = (await rund.ok(["ps", id])).stdout;
    expect(full).toMatch(/^UID +PID +PPID/);
  });

  it("refuses columns without the one that it looks for", async () => {
    const { id } = await started();
    expect(await rund.run(["ps", id, "-o", "args"])).toMatchObject({
      exitCode: 1,
      stderr: "rund ps: ps: there is no PID among its columns\n",
    });
  });
});

describe("events", () => {
  it("has what a container uses, in the shape of runc's", async () => {
    const bundle = await makeBundle(own, "while :; do :; done");
    const id = containerId(rund);
    await rund.start(id, bundle);
    const usage = async () => JSON.parse((await rund.ok(["events", "--stats", id])).stdout) as Stats;
    await expect.poll(async () => (await usage()).data.cpu.usage.total).toBeGreaterThan(20_000_000);
    const { type, id: of, data } = await usage();
    expect([type, of, data.pids.current]).toEqual(["stats", id, 1]);
    expect(data.memory.usage.usage).toBeGreaterThan(4096);
    expect(data.cpu.usage.kernel + data.cpu.usage.user).toBe(data.cpu.usage.total);
  });

  it("come again and again until the container ends", async () => {
    const { id } = await started();
    const events = rund.spawn(["events", "--interval", "50ms", id]);
    for (let count = 0; count < 3; count++) await events.waitFor(/\{"type":"stats".*\}\n/);
    await rund.ok(["kill", id, "KILL"]);
    expect((await events.result).exitCode).toBe(0);
  });
});

interface Stats {
  readonly type: string;
  readonly id: string;
  readonly data: {
    readonly cpu: {
      readonly usage: { readonly total: number; readonly kernel: number; readonly user: number };
    };
    readonly memory: { readonly usage: { readonly usage: number } };
    readonly pids: { readonly current: number };
  };
}

describe("without a container", () => {
  it("the version has the lines that clients read", async () => {
    for (const flag of ["--version", "-v"]) {
      expect((await rund.ok([flag])).stdout).toMatch(
        /^rund version \d+\.\d+\.\d+\ncommit: \S+\nspec: 1\.3\.0\n$/,
      );
    }
  });

  it("features are those that the shim tells too", async () => {
    const features = JSON.parse((await rund.ok(["features"])).stdout) as object;
    expect(features).toMatchObject({ ociVersionMax: "1.3.0", linux: { namespaces: [] } });
  });

  it("spec writes a bundle that runs, once", async () => {
    const folder = await testFolder(own);
    await rund.ok(["spec", "--bundle", folder]);
    await busyboxRootfs(`${folder}/rootfs`);
    const session = rund.pty(["run", folder]);
    await session.waitFor(/# /);
    session.write("echo $((6 * 7))\r");
    await session.waitFor(/^42/m);
    session.write("exit 3\r");
    expect(await session.exitCode).toBe(3);
    const { exitCode, stderr } = await rund.run(["spec"], { cwd: folder });
    expect([exitCode, stderr]).toEqual([1, "rund spec: config.json exists: remove it first\n"]);
  });
});

describe("help", () => {
  const commands = [
    "run",
    "create",
    "start",
    "exec",
    "kill",
    "delete",
    "state",
    "list",
    "ps",
    "pause",
    "resume",
  ];

  it("is printed for those who ask, and names every command", async () => {
    const { stdout } = await rund.ok(["--help"]);
    for (const command of [...commands, "events", "update", "spec", "features"]) {
      expect(stdout).toMatch(new RegExp(`^ +${command} +\\w`, "m"));
    }
    expect((await rund.ok([])).stdout).toBe(stdout);
    expect((await rund.ok(["help"])).stdout).toBe(stdout);
  });

  it.each(commands)("of %s has a text, its flags and an example", async (command) => {
    const { stdout } = await rund.ok([command, "--help"]);
    expect(stdout).toMatch(new RegExp(`^Usage: rund ${command} .*\n\n.+`));
    expect(stdout).toContain("Examples:");
  });
});
