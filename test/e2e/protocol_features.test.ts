import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Code } from "../../src/common/error.ts";
import type { Hook, Spec } from "../../src/oci/spec.ts";
import {
  BootstrapParams,
  BootstrapResult,
} from "../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import * as task from "../../src/proto/generated/containerd/task/v2/task.ts";
import { RuntimeInfo } from "../../src/proto/generated/containerd/types/introspection.ts";
import type { StdioRequest } from "../harness/api_types.ts";
import { CommandLine } from "../harness/command_line.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { projectFolder, shimFolder } from "../harness/project_paths.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { usualContainerd } from "../harness/versions.ts";
import { ApiContainer } from "./support/api_container.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { EventReceiver } from "./support/event_receiver.ts";
import { isAlive, shimPid, shimPids } from "./support/host_processes.ts";
import { type JailSpecOptions, jailSpec } from "./support/jail_spec.ts";

/*
 * What containerd and its clients may expect of a shim beside the task API: one short test for each feature that
 * containerd's own shim has and a jail can have. A jail has no control group that could run out of memory, so there is
 * no /tasks/oom event.
 */

const { api, census, daemons, rootfs } = shared();
expectNothingLeft(census);

const sleeper = () => jailSpec({ rootfs, args: ["sleep", "1000"] });
const program = new CommandLine(`${shimFolder()}/containerd-shim-rund-v1`);

/** Runs a spec to its end. */
async function run(spec: Spec) {
  return (await ApiContainer.create(api, spec)).finish();
}

/** What a shell script says in a jail. */
async function said(
  script: string,
  options: Partial<JailSpecOptions> = {},
  more: object = {},
): Promise<string> {
  const spec = jailSpec({ rootfs, args: ["sh", "-c", script], ...options });
  const { exitCode, stdout, stderr } = await run({ ...spec, process: { ...spec.process, ...more } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
}

const field = (name: string) => `sed -n 's/^${name}:[[:space:]]*//p' /proc/self/status`;

/** Runs a process whose output goes where the request says. */
async function runWith(request: StdioRequest): Promise<void> {
  const container = await ApiContainer.record(
    api,
    jailSpec({ rootfs, args: ["sh", "-c", "echo out; echo err >&2"] }),
    {
      nullIo: true,
    },
  );
  await api.tasks.create({ containerId: container.id, ...request });
  await container.finish();
  await container.remove();
}

/** A logging program that writes what it is given to `log` in its folder. */
async function logger(ready: string): Promise<{ path: string; log: string }> {
  const folder = await testFolder();
  const path = `${folder}/logger`;
  await writeFile(
    path,
    `#!/bin/sh\n${ready}\nexec 5>&-\ncat <&3 >"${folder}/part"; mv "${folder}/part" "${folder}/log"\n`,
  );
  await chmod(path, 0o755);
  return { path, log: `${folder}/log` };
}

const appears = (file: string, text: string) =>
  expect.poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 10_000 }).toBe(text);

describe("start and the connection", () => {
  it("Bootstrap answer: plain, and a message to containerd 2.3", async () => {
    const plain = await DirectShim.bundle();
    const { stdout, stderr } = await plain.startOn("null");
    expect({ stdout, stderr }).toEqual({ stdout: `unix://${plain.socket}`, stderr: "" });
    const shim = await DirectShim.bundle();
    const params = { instanceId: shim.id, namespace: shim.namespace };
    const bytes = BootstrapParams.encode(BootstrapParams.create(params)).finish();
    const result = BootstrapResult.decode((await shim.startOn("pipe", bytes)).stdoutBytes);
    expect(result).toMatchObject({ version: 2, address: `unix://${shim.socket}`, protocol: "ttrpc" });
  });

  it.each(["containerd.task.v2.Task", "containerd.task.v3.Task"])("Transport: ttrpc, %s", async (service) => {
    const { shim, task: client } = await DirectShim.start({ spec: sleeper() });
    const request = task.ConnectRequest.encode({ id: shim.id }).finish();
    const answer = task.ConnectResponse.decode(await client.raw("Connect", request, service));
    expect(answer.shimPid).toBe(shimPid(shim.id));
  });

  it("gRPC: with containerd 1.7, refused with a text by others", async () => {
    const shim = await DirectShim.bundle({ spec: sleeper(), env: { RUND_TRANSPORT: "grpc" } });
    const { exitCode, stdout, stderr } = await shim.run("start", ["-address", daemons.address]);
    if (usualContainerd() === "1.7")
      expect(JSON.parse(stdout)).toMatchObject({ version: 2, protocol: "grpc" });
    else
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining("grpc works with containerd 1.7 only"),
      });
  });

  it("Grouping: one shim for two containers", async () => {
    const folder = await testFolder();
    const annotations = { "io.containerd.runc.v2.group": "row" };
    const pids = [];
    for (let member = 0; member < 2; member++) {
      const shim = await DirectShim.bundle({
        spec: { ...sleeper(), annotations },
        folder,
        env: { RUND_GROUPING: "1" },
      });
      const { stdout } = await shim.run("start");
      pids.push((await (await shim.connect(stdout.slice("unix://".length))).connect()).shimPid);
    }
    expect(pids[0]).toBe(pids[1]);
    process.kill(pids[0] ?? 0, "SIGKILL");
  });

  it.each([
    ["Sandbox API", "containerd.runtime.sandbox.v1.Sandbox", "CreateSandbox"],
    ["TTRPC streaming IO", "containerd.services.streaming.ttrpc.v1.TTRPCStreaming", "Stream"],
  ])("%s: not there, and said so", async (_row, service, method) => {
    const { task: client } = await DirectShim.start({ spec: sleeper() });
    const call = client.raw(method, new Uint8Array(), service);
    await expect(call).rejects.toMatchObject({ code: Code.unimplemented });
  });
});

describe("the program", () => {
  it("-v", async () => {
    expect((await program.ok(["-v"])).stdout).toMatch(
      /^containerd-shim-rund-v1:?\n\s*Version:\s+\d+\.\d+\.\d+/,
    );
  });

  it("-info", async () => {
    const info = RuntimeInfo.decode((await program.ok(["-info"])).stdoutBytes);
    expect(info.name).toBe("io.containerd.rund.v1");
    expect(info.version?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(Object.keys(info.annotations)).toEqual(["containerd.io/runtime-allow-mounts"]);
  });

  it("OCI features", async () => {
    const info = RuntimeInfo.decode((await program.ok(["-info"])).stdoutBytes);
    const features = JSON.parse(Buffer.from(info.features?.value ?? []).toString());
    expect(features).toMatchObject({ ociVersionMin: "1.0.0", hooks: expect.arrayContaining(["poststop"]) });
    expect(features.linux.mountExtensions.idmap).toEqual({ enabled: false });
  });

  it("delete subcommand: from the file and the process table alone, as often as it is asked for", async () => {
    const { shim, task: client } = await DirectShim.start({ spec: sleeper() });
    const { pid } = await client.create();
    await client.start();
    process.kill((await client.connect()).shimPid, "SIGKILL");
    await client.client.closed;
    const first = await shim.run("delete");
    expect(task.DeleteResponse.decode(first.stdoutBytes)).toMatchObject({ pid, exitStatus: 137 });
    expect(first.milliseconds).toBeLessThan(5000);
    expect(isAlive(pid)).toBe(false);
    const second = await shim.run("delete");
    expect(second.exitCode).toBe(0);
    expect(task.DeleteResponse.decode(second.stdoutBytes)).toMatchObject({ exitStatus: 137 });
  });

  it("`log` fifo: taken by containerd's log, with the runtime's name", async () => {
    const before = (await readFile(`${daemons.folder}/containerd.log`, "utf8")).length;
    const container = await ApiContainer.create(api, sleeper(), { nullIo: true });
    process.kill(shimPid(container.id), "SIGUSR1");
    const log = async () => (await readFile(`${daemons.folder}/containerd.log`, "utf8")).slice(before);
    await expect.poll(log).toMatch(/^time="[^"]+" level=info msg="shim: state" .*runtime="?rund/m);
  });
});

describe("events", () => {
  it("Events: create start exec-added exec-started exit paused resumed exit delete", async () => {
    const events = await api.subscribe();
    onTestFinished(() => events.close());
    const container = await ApiContainer.run(api, sleeper(), { nullIo: true });
    const { id: containerId } = container;
    await (await container.exec(["true"], { nullIo: true })).finish();
    const of = () => events.seen.filter(({ event }) => event["containerId"] === containerId);
    await expect.poll(() => of().length).toBe(5);
    await api.tasks.pause({ containerId });
    await api.tasks.resume({ containerId });
    await container.kill(9);
    await container.wait();
    await container.delete();
    await events.waitFor(
      ({ topic, event }) => topic === "/tasks/delete" && event["containerId"] === containerId,
    );
    const topics = "create start exec-added exec-started exit paused resumed exit delete".split(" ");
    expect(of().map(({ topic }) => topic)).toEqual(topics.map((topic) => `/tasks/${topic}`));
    expect(of().at(-2)?.event).toMatchObject({ id: containerId, exitStatus: 137 });
  });

  it("Event retry: until containerd takes them, in order", async () => {
    const address = `${await testFolder()}/events`;
    const { task: client } = await DirectShim.start({ spec: sleeper(), env: { TTRPC_ADDRESS: address } });
    await client.create();
    await client.start();
    await client.kill(9);
    await client.wait();
    await client.delete();
    const receiver = await EventReceiver.listen(address);
    onTestFinished(() => receiver.close());
    const topics = ["create", "start", "exit", "delete"].map((topic) => `/tasks/${topic}`);
    await expect.poll(() => receiver.topics, { timeout: 15_000 }).toEqual(topics);
  });

  it("Event retry: a containerd that never comes back keeps no shim from its end", async () => {
    const env = { TTRPC_ADDRESS: `${await testFolder()}/nobody` };
    const { shim, task: client } = await DirectShim.start({ spec: sleeper(), env });
    await client.create();
    await client.kill(9);
    await client.wait();
    await client.delete();
    const asked = performance.now();
    await client.shutdown();
    await expect.poll(() => shimPids(shim.id), { timeout: 10_000 }).toEqual([]);
    // containerd waits so long for a Shutdown.
    expect(performance.now() - asked).toBeLessThan(3000);
  });
});

describe("Stdio fifo / file / binary / binary-v2", () => {
  it("fifo", async () => {
    const end = await run(jailSpec({ rootfs, args: ["sh", "-c", "echo out; echo err >&2; exit 2"] }));
    expect(end).toEqual({ exitCode: 2, stdout: "out\n", stderr: "err\n" });
  });

  it("file", async () => {
    const file = `${await testFolder()}/made/log`;
    for (let round = 0; round < 2; round++)
      await runWith({ stdout: `file://${file}`, stderr: `file://${file}` });
    expect(await readFile(file, "utf8")).toBe("out\nerr\nout\nerr\n");
  });

  it.each([
    ["binary", ""],
    ["binary-v2", "echo >&5"],
  ])("%s", async (scheme, ready) => {
    const { path, log } = await logger(ready);
    await runWith({ stdout: `${scheme}://${path}`, stderr: `${scheme}://${path}` });
    await appears(log, "out\n");
  });

  it("any other is refused", async () => {
    await expect(runWith({ stdout: "stream:///x" })).rejects.toThrow(/unknown scheme "stream"/);
  });
});

describe("processes", () => {
  it("Subreaper: what the init leaves to others is found, and ended with it", async () => {
    const root = await copyRootfs();
    const script = "(setsid sleep 1000 & echo $! >/orphan); echo up; exec sleep 1000";
    const container = await ApiContainer.run(api, jailSpec({ rootfs: root, args: ["sh", "-c", script] }));
    await container.stdio?.stdout.waitFor(/up/);
    const orphan = Number(await readFile(`${root}/orphan`, "utf8"));
    expect(isAlive(orphan)).toBe(true);
    const { processes } = await api.tasks.listPids({ containerId: container.id });
    expect(processes.map(({ pid }) => pid)).toContain(orphan);
    await container.kill(9);
    await container.wait();
    expect(isAlive(orphan)).toBe(false);
  });

  it("user uid/gid/additionalGids/umask/username", async () => {
    const user = { uid: 1000, gid: 100, additionalGids: [29, 77], umask: 0o027, username: "for Windows" };
    const script = `id -u; id -g; ${field("Groups")}; umask`;
    expect((await said(script, { user })).split(/\s+/)).toEqual(["1000", "100", "29", "77", "0027", ""]);
  });

  it("rlimits / oomScoreAdj / caps / noNewPriv", async () => {
    const rlimits = [{ type: "RLIMIT_NOFILE", soft: 55, hard: 66 }];
    const held = ["CAP_KILL", "CAP_CHOWN"];
    const capabilities = { bounding: held, effective: held, permitted: held };
    const script = `ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj; ${field("CapEff")}; ${field("NoNewPrivs")}`;
    const more = { oomScoreAdj: 321, capabilities, noNewPrivileges: true };
    expect(await said(script, { rlimits }, more)).toBe("55\n66\n321\n0000000000000021\n1\n");
  });

  it("cwd", async () => {
    expect(await said("pwd", { cwd: "/not/yet/there", rootfs: await copyRootfs() })).toBe("/not/yet/there\n");
  });

  it("exec tty, consoleSize", async () => {
    const container = await ApiContainer.run(api, sleeper(), { nullIo: true });
    const exec = await container.exec(["stty", "size"], {
      terminal: true,
      process: { terminal: true, consoleSize: { width: 120, height: 33 } },
    });
    expect((await exec.finish()).stdout).toBe("33 120\r\n");
  });
});

describe("the bundle", () => {
  it("hooks, Annotations", async () => {
    const file = `${await testFolder()}/log`;
    const note = (name: string): Hook => ({
      path: "/bin/sh",
      args: ["sh", "-c", `echo ${name} $(cat | grep -o blue) >>${file}`],
      env: ["PATH=/bin:/usr/bin"],
    });
    const onHost = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"];
    const hooks = Object.fromEntries(onHost.map((point) => [point, [note(point)]]));
    const container = await ApiContainer.run(
      api,
      { ...sleeper(), hooks, annotations: { color: "blue" } },
      { nullIo: true },
    );
    await container.kill(9);
    await container.wait();
    await container.delete();
    expect(await readFile(file, "utf8")).toBe(onHost.map((point) => `${point} blue\n`).join(""));
  });

  it("Mounts", async () => {
    const source = await testFolder();
    await writeFile(`${source}/file`, "content\n");
    const mounts = [
      { destination: "/made/folder", type: "bind", source, options: ["rbind", "ro"] },
      { destination: "/etc/one-file", type: "bind", source: `${source}/file`, options: ["bind", "ro"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=1m"] },
    ];
    const root = await copyRootfs();
    const script =
      "cat /made/folder/file /etc/one-file; touch /made/folder/x 2>/dev/null || echo read-only; ls /tmp; touch /tmp/x";
    expect(await said(script, { mounts, rootfs: root })).toBe("content\ncontent\nread-only\n");
    await expect.poll(() => existsSync(`${root}/tmp/x`)).toBe(false);
  });

  it("Devices", async () => {
    const devices = [
      { path: "/dev/nought", type: "c", major: 1, minor: 5, fileMode: 0o640, uid: 0, gid: 29 },
    ];
    const spec = jailSpec({
      rootfs,
      args: ["sh", "-c", "stat -c '%F %a %g %t:%T' /dev/nought; head -c 2 /dev/nought | wc -c"],
    });
    const { stdout } = await run({ ...spec, linux: { ...spec.linux, devices } });
    expect(stdout).toBe("character special file 640 29 1:5\n2\n");
  });

  it("Readonly rootfs / masked / readonlyPaths", async () => {
    const root = await copyRootfs();
    const script = "touch /x; cat /proc/kcore | wc -c; ls /usr/sbin | wc -l; touch /home/x /dev/x";
    const spec = jailSpec({ rootfs: root, args: ["sh", "-c", script], readonlyRoot: true });
    const linux = { ...spec.linux, maskedPaths: ["/proc/kcore", "/usr/sbin"], readonlyPaths: ["/home"] };
    await writeFile(`${root}/usr/sbin/hidden`, "");
    const { stdout, stderr } = await run({ ...spec, linux });
    expect(stdout).toBe("0\n0\n");
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
  });

  it("Bundles from other OS", async () => {
    const text = await readFile(`${projectFolder}/bundle-examples/darwin/config.json`, "utf8");
    // First, so that it is removed last.
    const mount = { type: "bind", source: await copyRootfs(), options: ["rbind", "rw"] };
    const container = await ApiContainer.record(api, JSON.parse(text));
    await api.tasks.create({ containerId: container.id, rootfs: [mount], ...container.stdio?.request });
    expect(await container.finish()).toEqual({
      exitCode: 0,
      stdout: "hello from /\n/dev/null\n",
      stderr: "",
    });
  });
});
