import { writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { isAlive, processesWith } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, ctr, rootfs } = shared();

const SIGINT = 2;
const SIGKILL = 9;
const SIGUSR1 = 10;
const SIGTERM = 15;

/** A running container with output; `script` must say "ready" when it is. */
async function runScript(script: string): Promise<ApiContainer> {
  const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sh", "-c", script] }));
  await container.stdio?.stdout.waitFor(/ready/);
  return container;
}

function sleeper(): Promise<ApiContainer> {
  return ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), { nullIo: true });
}

describe("kill", () => {
  it.each([SIGTERM, SIGINT, SIGKILL])(
    "with signal %i ends the init with 128 and its number",
    async (signal) => {
      const container = await sleeper();
      const ended = container.wait();
      await container.kill(signal);
      expect(await ended).toMatchObject({ exitStatus: 128 + signal });
    },
  );

  it("lets the process handle its signal", async () => {
    const container = await runScript(
      "trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.05; done",
    );
    const ended = container.wait();
    await container.kill(SIGTERM);
    expect(await ended).toMatchObject({ exitStatus: 5 });
    expect((await container.output()).stdout).toBe("ready\ncaught\n");
  });

  it("a second time, after the end, is NotFound", async () => {
    const container = await sleeper();
    const ended = container.wait();
    await container.kill(SIGKILL);
    await ended;
    await expect(container.kill(SIGKILL)).rejects.toMatchObject({ code: 5 });
    await expect(container.kill(SIGTERM, true)).rejects.toMatchObject({ code: 5 });
    await container.delete();
    await expect(container.kill(SIGKILL)).rejects.toMatchObject({ code: 5 });
  });

  it("of a container or an exec that is not there is NotFound", async () => {
    await expect(api.tasks.kill({ containerId: uniqueId("none"), signal: 9 })).rejects.toMatchObject({
      code: 5,
    });
    const container = await sleeper();
    const request = { containerId: container.id, execId: "none", signal: 9 };
    await expect(api.tasks.kill(request)).rejects.toMatchObject({ code: 5 });
  });

  it("of a created container ends it before it has run", async () => {
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["sh", "-c", "echo ran"] }));
    const ended = container.wait();
    await container.kill(SIGKILL);
    expect(await ended).toMatchObject({ exitStatus: 137 });
    await expect(container.start()).rejects.toThrow();
    await container.delete();
    expect(await container.output()).toEqual({ stdout: "", stderr: "" });
  });

  it("without --all reaches the init only", async () => {
    const container = await runScript(twoTraps);
    await container.kill(SIGUSR1);
    await container.stdio?.stdout.waitFor(/init/);
    await container.kill(SIGTERM);
    expect((await container.output()).stdout).not.toContain("child");
  });

  it("with --all reaches every process of the jail", async () => {
    const container = await runScript(twoTraps);
    await ctr.ok(["task", "kill", "--all", "--signal", "SIGUSR1", container.id]);
    await expect.poll(() => container.stdio?.stdout.output, { timeout: 20_000 }).toMatch(/init/);
    await expect.poll(() => container.stdio?.stdout.output, { timeout: 20_000 }).toMatch(/child/);
    await ctr.ok(["task", "kill", "--all", "--signal", "SIGKILL", container.id]);
    expect(await container.wait()).toMatchObject({ exitStatus: 137 });
  });
});

/** An init and a child in a session of its own; both say so when SIGUSR1 reaches them. */
const twoTraps = `
setsid sh -c 'trap "echo child" USR1; echo started; while :; do sleep 0.05; done' &
trap "echo init" USR1
trap "exit 0" TERM
sleep 0.2
echo ready
while :; do sleep 0.05; done`;

/** Children that do not go by themselves; each is found by the marker in its arguments. */
const stubborn = (marker: string) => `
sleep ${marker} &
setsid sleep ${marker} &
setsid sh -c 'sleep ${marker} & exec sleep ${marker}' &
(trap "" TERM HUP INT; exec sleep ${marker}) &
nohup setsid sh -c 'trap "" TERM; while :; do sleep ${marker}; done' >/dev/null 2>&1 &
sleep 0.2; echo ready`;

describe("when the init ends", () => {
  it.each([
    ["by itself", "read -r x; exit 3", undefined],
    ["by SIGKILL", "read -r x", SIGKILL],
  ] as const)("%s, every process of the jail ends within a second", async (_title, last, signal) => {
    const marker = uniqueMarker();
    const spec = jailSpec({ rootfs, args: ["sh", "-c", `${stubborn(marker)}; ${last}`] });
    const container = await ApiContainer.run(api, spec, { stdin: true });
    await container.stdio?.stdout.waitFor(/ready/);
    const exec = await container.exec(["sh", "-c", `trap "" TERM; sleep ${marker}; sleep ${marker}`], {
      nullIo: true,
    });
    await exec.start();
    await expect.poll(() => processesWith(marker).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(7);
    const ended = container.wait();
    if (signal === undefined) container.stdio?.write("go\n");
    else await container.kill(signal);
    expect(await ended).toMatchObject({ exitStatus: signal === undefined ? 3 : 137 });
    await expect.poll(() => processesWith(marker), { timeout: 1000, interval: 20 }).toEqual([]);
    expect(await exec.wait()).toMatchObject({ exitStatus: 137 });
  });

  it("output that others hold open does not hang the client", async () => {
    const marker = uniqueMarker();
    const script = `setsid sleep ${marker} & (trap "" TERM HUP; sleep ${marker}) & echo done; exit 4`;
    const result = await ctr.runContainer(["sh", "-c", script], { timeout: 20_000 });
    expect(result).toMatchObject({ exitCode: 4, stdout: "done\n" });
    expect(processesWith(marker)).toEqual([]);
  });

  it("a terminal that others hold open does not hang the client", async () => {
    const marker = uniqueMarker();
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const script = `setsid sleep ${marker} & (trap "" TERM HUP; sleep ${marker}) & echo done; exit 4`;
    const session = ctr.pty(ctr.runArguments(["sh", "-c", script], { id }, "--rm", "-t"), {
      timeout: 20_000,
    });
    expect(await session.exitCode).toBe(4);
    expect(session.output).toContain("done");
    await expect.poll(() => processesWith(marker), { timeout: 1000, interval: 20 }).toEqual([]);
  });

  it("a chain of processes that fork and exit does not escape", async () => {
    const marker = uniqueMarker();
    const root = await copyRootfs();
    // Each link ends once it has made the next one, in a session of its own; the last one is the 300th at most.
    const link = `#!/bin/sh
trap "" TERM HUP
sleep 0.02
test $2 -gt 0 && setsid /bin/chain $1 $(($2 - 1)) >/dev/null 2>&1 &
`;
    await writeFile(`${root}/bin/chain`, link, { mode: 0o755 });
    const chains = `/bin/chain ${marker} 300 & /bin/chain ${marker} 300 &`;
    const spec = jailSpec({
      rootfs: root,
      args: ["sh", "-c", `${chains} sleep 0.2; echo ready; sleep 1000`],
    });
    const container = await ApiContainer.run(api, spec);
    await container.stdio?.stdout.waitFor(/ready/);
    expect(await linksWithin(300, marker)).not.toEqual([]);
    const ended = container.wait();
    await container.kill(SIGKILL);
    await ended;
    expect(await linksWithin(300, marker)).toEqual([]);
  });

  it("its execs' processes that were left behind do not hold up their own clients", async () => {
    const container = await sleeper();
    const exec = await container.exec(["sh", "-c", "sleep 1000 & echo done"]);
    const ended = exec.wait();
    await exec.start();
    expect(await ended).toMatchObject({ exitStatus: 0 });
    await container.kill(SIGKILL);
    expect((await exec.output()).stdout).toBe("done\n");
  });
});

describe("states", () => {
  it("a container starts once", async () => {
    const container = await sleeper();
    await expect(container.start()).rejects.toThrow();
    expect((await container.state()).status).toBe("RUNNING");
  });

  it("a running container cannot be deleted", async () => {
    const container = await sleeper();
    const { pid } = await container.state();
    await expect(container.delete()).rejects.toMatchObject({ code: 9 });
    expect(isAlive(pid)).toBe(true);
  });

  it("a created container can be deleted, and its wait ends", async () => {
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const { pid, status } = await container.state();
    expect({ status, alive: isAlive(pid) }).toEqual({ status: "CREATED", alive: true });
    const ended = container.wait().catch(() => undefined);
    await container.delete();
    await ended;
    expect(isAlive(pid)).toBe(false);
  });

  it("a pid from create is the process that start runs", async () => {
    const container = await ApiContainer.record(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const pid = await container.createTask();
    expect(pid).toBeGreaterThan(0);
    expect(await container.start()).toBe(pid);
    expect(processesWith("1000").map((process) => process.pid)).toContain(pid);
  });

  it("ctr removes a running container by force", async () => {
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    await ctr.ok(["task", "rm", "--force", id]);
    expect((await ctr.tasks()).map((task) => task.id)).not.toContain(id);
  });
});

let markers = 0;

/** A number of seconds that no other process sleeps. */
function uniqueMarker(): string {
  markers += 1;
  return `${1_000_000_000 + process.pid * 1000 + markers}`;
}

/** Processes with the marker, looked for many times: between two links a single look may miss the chain. */
async function linksWithin(milliseconds: number, marker: string): Promise<unknown[]> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    const found = processesWith(marker);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return [];
}
