import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Code } from "../../src/common/error.ts";
import {
  BootstrapParams,
  BootstrapResult,
} from "../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { PidsRequest, PidsResponse } from "../../src/proto/generated/containerd/task/v2/task.ts";
import { Any } from "../../src/proto/generated/google/protobuf/any.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shimFolder } from "../harness/project_paths.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { usualContainerd } from "../harness/versions.ts";
import { ApiContainer } from "./support/api_container.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { descriptors, isAlive, shimPid, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

/*
 * What each version of containerd began to expect of shims, or to give them: one test for each version, on the containerd
 * of the run as far as that has it, else on the shim alone. Not here: 2.1 asks shims of task API 3 again with 2, which
 * rund's are to begin with.
 */

const { api, census, ctr, daemons, rootfs } = shared();
expectNothingLeft(census);

const version = usualContainerd();
const sleeper = () => jailSpec({ rootfs, args: ["sleep", "1000"] });
const bundleOf = (id: string) => `${daemons.state}/io.containerd.runtime.v2.task/${ctr.namespace}/${id}`;
const environment = async (pid: number) => (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0");

function bootstrap(shim: DirectShim, params: Partial<BootstrapParams> = {}): Uint8Array {
  const whole = { instanceId: shim.id, namespace: shim.namespace, ...params };
  return BootstrapParams.encode(BootstrapParams.create(whole)).finish();
}

describe("containerd", () => {
  it("1.2: address file, log fifo", async () => {
    const { id } = await ApiContainer.create(api, sleeper(), { nullIo: true });
    expect(await readFile(`${bundleOf(id)}/address`, "utf8")).toMatch(
      /^unix:\/\/\/run\/containerd\/s\/[0-9a-f]{64}$/,
    );
    expect(descriptors(shimPid(id))).toContain(`${bundleOf(id)}/log`);
  });

  it("1.3: TTRPC_ADDRESS; the output is whole when Delete is answered", async () => {
    const spec = jailSpec({ rootfs, args: ["sh", "-c", "seq 1 20000"] });
    const file = `${await testFolder()}/log`;
    const container = await ApiContainer.record(api, spec, { nullIo: true });
    await api.tasks.create({ containerId: container.id, stdout: `file://${file}` });
    expect(await environment(shimPid(container.id))).toContain(`TTRPC_ADDRESS=${daemons.ttrpcAddress}`);
    await container.finish();
    await container.delete();
    expect((await readFile(file, "utf8")).split("\n").at(-2)).toBe("20000");
  });

  it("1.4: the end of the init ends what it has left behind", async () => {
    const container = await ApiContainer.run(
      api,
      jailSpec({ rootfs, args: ["sh", "-c", "setsid sleep 1000 & echo $!; read -r x"] }),
      { stdin: true },
    );
    const [, pid = ""] = (await container.stdio?.stdout.waitFor(/^(\d+)\n/)) ?? [];
    await container.kill(9);
    await container.wait();
    expect(isAlive(Number(pid))).toBe(false);
  });

  it("1.6: a runtime as an absolute path", async () => {
    const runtime = `${shimFolder()}/containerd-shim-rund-v1`;
    const container = await ApiContainer.create(api, sleeper(), { nullIo: true, runtime });
    await container.kill(9);
    expect(await container.wait()).toMatchObject({ exitStatus: 137 });
  });

  it("1.7: GRPC_ADDRESS, NAMESPACE and MAX_SHIM_VERSION; a restart asks for the pids of a stopped task", async () => {
    const container = await ApiContainer.create(api, sleeper(), { nullIo: true });
    const { id } = container;
    const given = await environment(shimPid(id));
    const told = [`GRPC_ADDRESS=${daemons.address}`, `NAMESPACE=${ctr.namespace}`, "MAX_SHIM_VERSION=2"];
    if (version !== "1.6") expect(given).toEqual(expect.arrayContaining(told));
    await container.kill(9);
    await container.wait();
    expect((await api.tasks.listPids({ containerId: id })).processes).toHaveLength(1);
  });

  it("2.0: bootstrap.json; the exits of execs come before the init's", async () => {
    const events = await api.subscribe();
    onTestFinished(() => events.close());
    const container = await ApiContainer.run(api, sleeper(), { nullIo: true });
    const { id } = container;
    if (version.startsWith("2.")) {
      const text = await readFile(`${bundleOf(id)}/bootstrap.json`, "utf8");
      expect(JSON.parse(text)).toMatchObject({ version: 2, protocol: "ttrpc" });
    }
    const execId = uniqueId("exec");
    await (await container.exec(["sleep", "1000"], { execId, nullIo: true })).start();
    await container.kill(9);
    const exits = () =>
      events.seen.filter(({ topic }) => topic === "/tasks/exit").map(({ event }) => event["id"]);
    await expect.poll(exits).toEqual([execId, id]);
  });

  it("2.2: -info before each creation; ctr's spec for Linux", async () => {
    const result = await ctr.runContainer(["echo", "hi"], { rootfs });
    expect(result).toMatchObject({ exitCode: 0, stdout: "hi\n" });
  });

  it("2.3: the bootstrap message, -bundle, socket_dir", async () => {
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const socketDir = `${await testFolder()}/s`;
    const { stdoutBytes } = await shim.startOn("pipe", bootstrap(shim, { socketDir }));
    const { address } = BootstrapResult.decode(stdoutBytes);
    expect(address.startsWith(`unix://${socketDir}/`)).toBe(true);
    expect((await (await shim.connect(address.slice("unix://".length))).connect()).taskPid).toBe(0);
    const withBundle = await DirectShim.bundle({ spec: sleeper() });
    expect(await withBundle.run("start")).toMatchObject({
      exitCode: 0,
      stdout: `unix://${withBundle.socket}`,
    });
  });

  it("2.3: an answer that is no answer is none: start that fails says nothing on stdout", async () => {
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const { exitCode, stdoutBytes, stderr } = await shim.run("start", ["-id", "../x"]);
    expect({ exitCode, stdout: stdoutBytes.length }).toEqual({ exitCode: 1, stdout: 0 });
    expect(stderr).toMatch(/id/);
  });

  it("2.3.4: Pids of a task that is not there is not found, and of one that is never empty", async () => {
    const { shim, task } = await DirectShim.start({ spec: sleeper() });
    const other = PidsRequest.encode({ id: "other" }).finish();
    await expect(task.raw("Pids", other)).rejects.toMatchObject({ code: Code.notFound });
    await task.create();
    const request = PidsRequest.encode({ id: shim.id }).finish();
    expect(PidsResponse.decode(await task.raw("Pids", request)).processes).toHaveLength(1);
  });

  it("2.4: options are no bootstrap message, whatever they decode as; Shutdown after each Delete", async () => {
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const options = Any.encode({ typeUrl: shim.id, value: Buffer.from("another namespace") }).finish();
    const { stdout } = await shim.startOn("pipe", options);
    expect(stdout).toBe(`unix://${shim.socket}`);
    const task = await shim.connect();
    await task.create();
    await task.delete();
    await task.shutdown();
    await expect.poll(() => shimPids(shim.id), { timeout: 10_000 }).toEqual([]);
    expect(existsSync(shim.socket)).toBe(false);
  });
});
