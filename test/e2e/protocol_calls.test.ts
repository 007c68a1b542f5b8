import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { unpackAny } from "../../src/proto/any.ts";
import { ProcessDetails } from "../../src/proto/generated/containerd/runc/v1/options.ts";
import { Metrics } from "../../src/proto/generated/io/containerd/cgroups/v2/metrics.ts";
import { ociAny, type ProtoAny } from "../harness/api_types.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { ApiContainer, type ApiContainerOptions } from "./support/api_container.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive } from "./support/host_processes.ts";
import { type JailSpecOptions, jailSpec } from "./support/jail_spec.ts";

/*
 * containerd's task API, one test for each of its calls, in the order and by the names of its service: what the call
 * must do that clients depend on. All but the last two go through a real containerd, as a client's would.
 */

const { api, census, rootfs } = shared();
expectNothingLeft(census);

type SpecOptions = Partial<JailSpecOptions> & ApiContainerOptions;

function create(options: SpecOptions = {}): Promise<ApiContainer> {
  const spec = jailSpec({ rootfs, args: ["sleep", "1000"], ...options });
  return ApiContainer.create(api, spec, { nullIo: true, ...options });
}

async function run(options: SpecOptions = {}): Promise<ApiContainer> {
  const container = await create(options);
  await container.start();
  return container;
}

const script = (text: string) => ["sh", "-c", text];

function rejects(call: Promise<unknown>, code: number, text: RegExp = /./): Promise<void> {
  return expect(call).rejects.toMatchObject({ code, details: expect.stringMatching(text) });
}

const unpack = <T>(
  type: { decode(bytes: Uint8Array): T; $type?: string },
  any: ProtoAny | null | undefined,
): T => type.decode(any?.value ?? new Uint8Array());

const rows: Readonly<Record<string, () => Promise<void>>> = {
  /** Each process has its own id, stdio and terminal, by which clients attach. */
  State: async () => {
    const container = await run({ nullIo: false });
    const exec = await container.exec(["sh"], { execId: "shell", terminal: true, stdin: true });
    await exec.start();
    expect(await container.state()).toMatchObject({
      ...{ id: container.id, status: "RUNNING", exitStatus: 0 },
      ...container.stdio?.request,
    });
    expect(await exec.state()).toMatchObject({ id: "shell", status: "RUNNING", ...exec.stdio?.request });
    expect(exec.stdio?.request.terminal).toBe(true);
  },

  /** What cannot run is refused here, and not at the start. */
  Create: async () => {
    const wrong: [Partial<JailSpecOptions>, RegExp][] = [
      [{ args: ["no-such-program"] }, /executable file not found/],
      [{ args: ["/no/such/program"] }, /no such file or directory/],
      [{ args: ["/etc"] }, /is a directory|permission denied/],
      [{ cwd: "/etc/passwd" }, /not a directory/],
    ];
    for (const [options, text] of wrong) await expect(create(options)).rejects.toThrow(text);
    const container = await create();
    const { pid, status } = await container.state();
    expect(status).toBe("CREATED");
    expect(isAlive(pid)).toBe(true);
    await rejects(container.createTask(), Code.alreadyExists);
  },

  /** The pid is that of the creation. */
  Start: async () => {
    const container = await create();
    const { pid } = await container.state();
    expect(await container.start()).toBe(pid);
    await rejects(container.start(), Code.failedPrecondition);
    expect((await container.state()).status).toBe("RUNNING");
  },

  Delete: async () => {
    const created = await create();
    await created.kill(9);
    await created.wait();
    await created.delete();
    const container = await run({ args: script("sleep 1000; exit 3") });
    await rejects(container.delete(), Code.failedPrecondition);
    await container.kill(9);
    const end = await container.wait();
    expect(await container.delete()).toMatchObject({ ...end, exitStatus: 137 });
    await rejects(container.delete(), Code.notFound);
  },

  /** Never empty: up to 2.3 containerd, when it is restarted, destroys a task that has no process. */
  Pids: async () => {
    const container = await create();
    const { pid } = await container.state();
    const pids = async () => (await api.tasks.listPids({ containerId: container.id })).processes;
    expect((await pids()).map((process) => process.pid)).toEqual([pid]);
    await container.start();
    const exec = await container.exec(["sleep", "1000"], { execId: "second", nullIo: true });
    const execPid = await exec.start();
    const found = await pids();
    expect(found.map((process) => process.pid).sort()).toEqual([pid, execPid].sort());
    const info = found.find((process) => process.pid === execPid)?.info;
    expect(unpack(ProcessDetails, info)).toEqual({ execId: "second" });
    await container.kill(9);
    await container.wait();
    expect(await pids()).toHaveLength(1);
  },

  "Pause / Resume": async () => {
    const events = await api.subscribe();
    const container = await run({ args: script("while :; do :; done") });
    const { id: containerId } = container;
    await api.tasks.pause({ containerId });
    expect((await container.state()).status).toBe("PAUSED");
    await rejects(api.tasks.pause({ containerId }), Code.failedPrecondition);
    await api.tasks.resume({ containerId });
    expect((await container.state()).status).toBe("RUNNING");
    const resumed = (topic: string) => events.waitFor((event) => event.topic === topic);
    await Promise.all(["/tasks/paused", "/tasks/resumed"].map(resumed));
    events.close();
  },

  Checkpoint: async () => {
    const { id: containerId } = await run();
    await rejects(api.tasks.checkpoint({ containerId }), Code.unimplemented, /checkpoint/);
  },

  /** All means every process whose root is the jail, also one in a session of its own. */
  "Kill one / all": async () => {
    const root = await copyRootfs();
    const text = "setsid sleep 1000 & echo $! >/other; trap : TERM; echo up; while :; do sleep 0.1; done";
    const container = await run({ rootfs: root, args: script(text), nullIo: false });
    await container.stdio?.stdout.waitFor(/up/);
    const other = Number(readFileSync(`${root}/other`, "utf8"));
    await container.kill(15);
    expect(isAlive(other)).toBe(true);
    await container.kill(15, true);
    await expect.poll(() => isAlive(other)).toBe(false);
    expect((await container.state()).status).toBe("RUNNING");
    await container.kill(9);
    expect(await container.wait()).toMatchObject({ exitStatus: 137 });
    await rejects(container.kill(9), Code.notFound, /process already finished|not found/);
  },

  Exec: async () => {
    const container = await run();
    await api.tasks.pause({ containerId: container.id });
    await rejects(container.exec(["true"], { nullIo: true }), Code.failedPrecondition);
    await api.tasks.resume({ containerId: container.id });
    const exec = await container.exec(script("exit 7"), { execId: "once", nullIo: true });
    await rejects(container.exec(["true"], { execId: "once", nullIo: true }), Code.alreadyExists);
    expect(await exec.finish()).toMatchObject({ exitCode: 7 });
    const missing = await container.exec(["no-such-program"], { nullIo: true });
    await expect(missing.start()).rejects.toThrow(/executable file not found/);
  },

  /** Remembered before the start; harmless without a terminal. */
  ResizePty: async () => {
    const container = await create({ args: ["stty", "size"], terminal: true, nullIo: false });
    await api.tasks.resizePty({ containerId: container.id, width: 101, height: 37 });
    expect(await container.finish()).toMatchObject({ stdout: "37 101\r\n" });
    const plain = await run({ rootfs: await copyRootfs() });
    await api.tasks.resizePty({ containerId: plain.id, width: 1, height: 1 });
  },

  /** Drops only what keeps the stream open: the client that still writes is read to its end. */
  CloseIO: async () => {
    const container = await create({ args: ["wc", "-c"], stdin: true, nullIo: false });
    const ended = container.wait();
    container.stdio?.write("before ");
    await container.start();
    await api.tasks.closeIO({ containerId: container.id, stdin: true });
    container.stdio?.write("x".repeat(200_000));
    container.stdio?.end();
    expect((await container.output()).stdout).toBe("200007\n");
    expect(await ended).toMatchObject({ exitStatus: 0 });
  },

  /** What a jail cannot limit is refused by its name. */
  Update: async () => {
    const { id: containerId } = await run();
    const update = (resources: object) =>
      api.tasks.update({ containerId, resources: ociAny("LinuxResources", resources) });
    await update({});
    await rejects(update({ memory: { limit: 1 << 20 } }), Code.unimplemented, /memory\.limit/);
  },

  /** Before the start, many at once, and after the end. */
  Wait: async () => {
    const container = await create({ args: script("exit 6") });
    const early = [container.wait(), container.wait()];
    await container.start();
    const ends = [...(await Promise.all(early)), await container.wait()];
    expect(ends[0]?.exitStatus).toBe(6);
    expect(ends[0]?.exitedAt?.seconds).toBeGreaterThan(1_700_000_000);
    for (const end of ends) expect(end).toEqual(ends[0]);
  },

  Stats: async () => {
    const container = await run({ args: script("sleep 1000 & while :; do :; done") });
    const stats = async () => {
      const { metrics } = await api.tasks.metrics({ filters: [`id==${container.id}`] });
      const { data } = metrics[0] as { data: ProtoAny };
      return unpackAny({ typeUrl: data.type_url, value: data.value }, Metrics);
    };
    await expect
      .poll(async () => Number((await stats()).cpu?.usageUsec), { timeout: 10_000 })
      .toBeGreaterThan(10_000);
    const { pids, memory } = await stats();
    expect(pids?.current).toBe(2n);
    expect(Number(memory?.usage)).toBeGreaterThan(4096);
  },

  /** Before there is a task, too. */
  Connect: async () => {
    const { task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
    const before = await task.connect();
    expect(before.taskPid).toBe(0);
    expect(isAlive(before.shimPid)).toBe(true);
    const { pid } = await task.create();
    expect(await task.connect()).toMatchObject({ shimPid: before.shimPid, taskPid: pid });
  },

  Shutdown: async () => {
    const { task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
    const { shimPid } = await task.connect();
    await task.create();
    await task.shutdown();
    await task.start();
    await task.kill(9);
    await task.wait();
    await task.delete();
    await task.shutdown();
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
  },
};

it.each(Object.entries(rows))("%s", (_name, test) => test());
