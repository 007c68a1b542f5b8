import { createHash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec, path } from "./support/jail_spec.ts";

const { api, ctr, rootfs } = shared();

let container: ApiContainer;

beforeEach(async () => {
  const spec = jailSpec({ rootfs, args: ["sleep", "1000"], env: ["OF_INIT=1"] });
  container = await ApiContainer.run(api, spec, { nullIo: true });
});

function ctrExec(args: readonly string[], flags: readonly string[] = [], input = "") {
  return ctr.run(["task", "exec", "--exec-id", uniqueId("x"), ...flags, container.id, ...args], { input });
}

describe("exec by ctr", () => {
  it("shows both streams apart and the exit code", async () => {
    const result = await ctrExec(["sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  });

  it("runs in its own working directory and as its own user", async () => {
    const result = await ctrExec(
      ["sh", "-c", "pwd; id -u; id -g"],
      ["--cwd", "/usr/bin", "--user", "1000:1000"],
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: "/usr/bin\n1000\n1000\n" });
  });

  it("detached goes on without its client", async () => {
    expect(await ctrExec(["sh", "-c", "echo $$ >/tmp/exec-pid; exec sleep 1000"], ["-d"])).toMatchObject({
      exitCode: 0,
    });
    const check =
      "while ! test -s /tmp/exec-pid; do sleep 0.05; done; kill -0 $(cat /tmp/exec-pid); r=$?; rm /tmp/exec-pid; exit $r";
    expect(await ctrExec(["sh", "-c", check])).toMatchObject({ exitCode: 0 });
  });
});

describe("exec", () => {
  it("has just the environment of its own document", async () => {
    const exec = await container.exec(["env"], { process: { env: [path, "OWN=with = sign", "EMPTY="] } });
    const { stdout } = await exec.finish();
    const lines = stdout
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("HOME="));
    expect(lines.sort()).toEqual(["EMPTY=", "OWN=with = sign", path]);
  });

  it("finds its program by the PATH of its own environment, inside the jail", async () => {
    const none = await container.exec(["ls"], { process: { env: ["PATH=/etc"] }, nullIo: true });
    await expect(none.start()).rejects.toThrow(/executable file not found/);
    const found = await container.exec(["ls", "/etc/group"], { process: { env: ["PATH=/etc:/bin"] } });
    expect(await found.finish()).toMatchObject({ stdout: "/etc/group\n" });
  });

  it("shows 128 and the signal's number, and the init lives on", async () => {
    const exec = await container.exec(["sleep", "1000"], { nullIo: true });
    const ended = exec.wait();
    await exec.start();
    await exec.kill(9);
    expect(await ended).toMatchObject({ exitStatus: 137 });
    await expect(exec.kill(9)).rejects.toMatchObject({ code: 5 });
    expect((await container.state()).status).toBe("RUNNING");
  });

  it("with an id that is taken is refused, whatever state the first one is in", async () => {
    const taken = { execId: "same", nullIo: true };
    const exec = await container.exec(["sleep", "1000"], taken);
    await expect(container.exec(["true"], taken)).rejects.toMatchObject({ code: 6 });
    const ended = exec.wait();
    await exec.start();
    await expect(container.exec(["true"], taken)).rejects.toMatchObject({ code: 6 });
    await exec.kill(9);
    await ended;
    await expect(container.exec(["true"], taken)).rejects.toMatchObject({ code: 6 });
    await exec.delete();
    expect(await (await container.exec(["true"], taken)).finish()).toMatchObject({ exitCode: 0 });
  });

  it("started twice is refused, and the first one goes on to its own end", async () => {
    const exec = await container.exec(["cat"], { stdin: true });
    await exec.start();
    await expect(exec.start()).rejects.toMatchObject({ code: 9 });
    expect((await exec.state()).status).toBe("RUNNING");
    const ended = exec.wait();
    exec.stdio?.write("still read\n");
    await exec.stdio?.stdout.waitFor(/still read/);
    await exec.kill(9);
    expect(await ended).toMatchObject({ exitStatus: 137 });
    await expect(exec.start()).rejects.toMatchObject({ code: 9 });
  });

  it("that runs cannot be deleted", async () => {
    const exec = await container.exec(["sleep", "1000"], { nullIo: true });
    await exec.start();
    await expect(exec.delete()).rejects.toMatchObject({ code: 9 });
  });

  it("that was never started can be deleted, and is gone then", async () => {
    const exec = await container.exec(["true"], { nullIo: true });
    await exec.delete();
    await expect(exec.start()).rejects.toMatchObject({ code: 5 });
  });

  it("in a container that has ended is refused", async () => {
    const ended = container.wait();
    await container.kill(9);
    await ended;
    await expect(container.exec(["true"], { nullIo: true })).rejects.toThrow(/stopped|not running|not found/);
  });

  it("in a container that has not been started is refused", async () => {
    const created = await ApiContainer.create(api, jailSpec({ rootfs: await copyRootfs(), args: ["true"] }), {
      nullIo: true,
    });
    const refused = created.exec(["true"], { nullIo: true }).then((exec) => exec.start());
    // runc allows this; a jail's root is not the container's before its start.
    await refused.then(
      () => undefined,
      (error) => expect(error).toMatchObject({ code: 9 }),
    );
  });

  it("takes 100 kB in one argument", async () => {
    const text = "x".repeat(100_000);
    const exec = await container.exec(["echo", text]);
    expect(await exec.finish()).toMatchObject({ exitCode: 0, stdout: `${text}\n` });
  });

  it("sees the end of an input of a line, in ten execs of ten", async () => {
    const input = "a line\n";
    for (let run = 0; run < 10; run++)
      expect(await ctrExec(["cat"], [], input)).toMatchObject({ exitCode: 0, stdout: input });
  });

  it("takes 20 MB of input and gives it back", async () => {
    const input = randomBytes(20 << 20);
    const exec = await container.exec(["cat"], { stdin: true });
    const ended = exec.wait();
    await exec.start();
    exec.stdio?.write(input);
    exec.stdio?.end();
    // The shim keeps the fifo open for the next client until it is told.
    await api.tasks.closeIO({ ...exec.request, stdin: true });
    const result = await exec.stdio?.stdout.result;
    expect(await ended).toMatchObject({ exitStatus: 0 });
    expect(sha256(result?.stdoutBytes)).toBe(sha256(input));
  });

  it("works for 20 at once, each with its own output and code", async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const execs = await Promise.all(
      numbers.map((index) => container.exec(["sh", "-c", `echo number ${index}; exit ${index}`])),
    );
    const results = await Promise.all(execs.map((exec) => exec.finish()));
    expect(results).toEqual(
      numbers.map((index) => ({ exitCode: index, stdout: `number ${index}\n`, stderr: "" })),
    );
  });
});

describe("pids", () => {
  it("name the init and the execs with their ids", async () => {
    const exec = await container.exec(["sleep", "1000"], { nullIo: true });
    const pid = await exec.start();
    const init = (await container.state()).pid;
    const { processes } = await api.tasks.listPids({ containerId: container.id });
    expect(processes.map((process) => process.pid).sort()).toEqual([init, pid].sort());
    const info = processes.find((process) => process.pid === pid)?.info;
    expect(info?.type_url).toBe("containerd.runc.v1.ProcessDetails");
    expect(Buffer.from(info?.value ?? []).toString()).toContain(exec.request.execId);
  });
});

function sha256(bytes: Uint8Array | undefined): string {
  return createHash("sha256")
    .update(bytes ?? new Uint8Array())
    .digest("hex");
}
