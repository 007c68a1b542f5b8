import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "../harness/api_client.ts";
import { ContainerdDaemon } from "../harness/containerd_daemon.ts";
import { type Ctr, runcRuntime } from "../harness/ctr.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { runtimes } from "./support/runtimes.ts";

const own = runtimes();
const { rootfs, rund, census } = own;
const before = census.take();

let containerd: ContainerdDaemon;
let ctr: Ctr;
let api: ApiClient;
beforeAll(async () => {
  containerd = await ContainerdDaemon.start({ folder: `${own.folder}/containerd` });
  ctr = containerd.ctr().withRuntime(runcRuntime);
  api = new ApiClient(containerd.address, ctr.namespace);
}, 60_000);
afterAll(async () => {
  api.close();
  await containerd.stop();
});

/** Has containerd's own runc shim drive rund in the place of runc. */
const flags = ["--runc-binary", rund.program, "--runc-root", rund.root];

const run = (args: readonly string[], ...more: readonly string[]) =>
  ctr.runContainer(args, { rootfs, flags: [...flags, ...more] });

describe("containerd's runc shim with rund in the place of runc", () => {
  it("runs a container, with its output and its code", async () => {
    const result = await run(["sh", "-c", "echo output; echo errors >&2; exit 7"]);
    expect(result).toMatchObject({ exitCode: 7, stdout: "output\n", stderr: "errors\n" });
    await census.expectNoMoreThan(before);
  });

  it("passes standard input on", async () => {
    const container = ctr.spawn(ctr.runArguments(["sh", "-c", "echo ready; cat"], { rootfs, flags }, "--rm"));
    await container.waitFor(/ready/);
    container.stdin.end("input\n");
    expect(await container.result).toMatchObject({ exitCode: 0, stdout: "ready\ninput\n" });
  });

  it("runs one on a terminal, which is resized", async () => {
    const script = "trap 'stty size' WINCH; trap 'exit 3' INT; stty size; while :; do sleep 0.05; done";
    const session = ctr.pty(ctr.runArguments(["sh", "-c", script], { rootfs, flags }, "--rm", "-t"), {
      columns: 91,
      rows: 17,
    });
    await session.waitFor(/17 91/);
    session.resize(70, 30);
    await session.waitFor(/30 70/);
    session.write("\x03");
    expect(await session.exitCode).toBe(3);
  });

  it("says that a program is not there", async () => {
    const { exitCode, stderr } = await run(["no-such-program"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('exec: "no-such-program": executable file not found in $PATH');
    await census.expectNoMoreThan(before);
  });

  it("keeps one in the background, runs more in it, pauses, kills and deletes it", async () => {
    const id = await ctr.startContainer(["sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.05; done"], {
      rootfs,
      flags: [...flags, "--null-io"],
    });
    try {
      const exec = (...args: string[]) => ctr.run(["task", "exec", "--exec-id", uniqueId("exec"), ...args]);
      expect(await exec(id, "sh", "-c", "echo in $(id -u); exit 5")).toMatchObject({
        exitCode: 5,
        stdout: "in 0\n",
      });
      expect((await exec("--cwd", "/tmp", id, "pwd")).stdout).toBe("/tmp\n");
      expect((await exec(id, "no-such-program")).stderr).toContain("executable file not found in $PATH");
      const session = ctr.pty(["task", "exec", "-t", "--exec-id", uniqueId("exec"), id, "tty"]);
      await session.waitFor(/\/dev\/pts\/\d+/);
      expect(await session.exitCode).toBe(0);
      await ctr.ok(["task", "pause", id]);
      expect(await ctr.tasks()).toContainEqual(expect.objectContaining({ id, status: "PAUSED" }));
      await ctr.ok(["task", "resume", id]);
      expect((await ctr.ok(["task", "ps", id])).stdout).toMatch(/^PID/);
      await ctr.ok(["task", "kill", "--signal", "SIGTERM", id]);
      await expect.poll(() => ctr.tasks()).toContainEqual(expect.objectContaining({ id, status: "STOPPED" }));
      expect(await api.tasks.delete({ containerId: id })).toMatchObject({ exitStatus: 4 });
      await ctr.ok(["container", "rm", id]);
    } finally {
      await ctr.remove(id);
    }
    await census.expectNoMoreThan(before);
  });

  it("ends what ignores every signal but one, with all that it has left", async () => {
    const script = "trap '' TERM HUP; setsid sleep 1000 & sleep 1000";
    const id = await ctr.startContainer(["sh", "-c", script], { rootfs, flags: [...flags, "--null-io"] });
    await ctr.ok(["task", "kill", "--signal", "SIGKILL", id]);
    await expect.poll(() => ctr.tasks()).toContainEqual(expect.objectContaining({ id, status: "STOPPED" }));
    expect(await api.tasks.delete({ containerId: id })).toMatchObject({ exitStatus: 137 });
    await ctr.ok(["container", "rm", id]);
    await census.expectNoMoreThan(before);
  });

  it("delivers the whole output of short programs, ten times", async () => {
    for (let round = 0; round < 10; round++) {
      const result = await run(["sh", "-c", `seq 200; exit ${round}`]);
      expect([result.exitCode, result.stdout.split("\n").length]).toEqual([round, 201]);
    }
  });
});
