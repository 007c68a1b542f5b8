import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { DeleteResponse } from "../../src/proto/generated/containerd/task/v2/task.ts";
import { RuntimeInfo } from "../../src/proto/generated/containerd/types/introspection.ts";
import { CommandLine } from "../harness/command_line.ts";
import { shimFolder } from "../harness/project_paths.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { isAlive, shimPids } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { census, rootfs } = shared();

const sleeper = () => jailSpec({ rootfs, args: ["sleep", "1000"] });

describe("start", () => {
  it("prints the address and nothing else, and leaves it in the bundle for older containerds", async () => {
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const result = await shim.run("start");
    expect(result).toMatchObject({ exitCode: 0, stdout: `unix://${shim.socket}`, stderr: "" });
    expect(await readFile(`${shim.bundle}/address`, "utf8")).toBe(result.stdout);
    expect((await (await shim.connect()).connect()).taskPid).toBe(0);
  });

  it("a second time for a live shim answers the same address and starts no second one", async () => {
    const { shim, task } = await DirectShim.start({ spec: sleeper() });
    const { shimPid } = await task.connect();
    expect(await shim.run("start")).toMatchObject({ exitCode: 0, stdout: `unix://${shim.socket}` });
    expect(shimPids(shim.id)).toEqual([shimPid]);
    expect((await (await shim.connect()).connect()).shimPid).toBe(shimPid);
  });

  it("takes the place of a dead shim's socket", async () => {
    const { shim, task } = await DirectShim.start({ spec: sleeper() });
    const { shimPid } = await task.connect();
    process.kill(shimPid, "SIGKILL");
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(shim.socket)).toBe(true);
    expect(await shim.run("start")).toMatchObject({ exitCode: 0 });
    expect((await (await shim.connect()).connect()).shimPid).not.toBe(shimPid);
  });

  it.each([
    ["an id with slashes", ["-id", "../../etc/passwd"], /id/],
    ["an empty id", ["-id", ""], /id/],
    ["an id of 300 letters", ["-id", "x".repeat(300)], /id/],
    ["a namespace with slashes", ["-namespace", "a/b"], /namespace/],
    ["no namespace", ["-namespace", ""], /namespace/],
    ["a flag that it does not know", ["-no-such-flag", "x"], /no-such-flag/],
    ["a bundle that is not there", ["-bundle", "/no/such/bundle"], /no such file or directory/],
    ["a bundle that is a file", ["-bundle", "/etc/passwd"], /not a directory/],
  ])("refuses %s, and leaves nothing behind", async (_title, flags, text) => {
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const before = census.take();
    const result = await shim.run("start", flags);
    expect(result.exitCode).not.toBe(0);
    expect(`${result.stdout}${result.stderr}`).toMatch(text);
    await census.expectNoMoreThan(before);
    expect(shimPids(shim.id)).toEqual([]);
  });

  it("refuses a bundle that cannot be written, and leaves nothing behind", async () => {
    const folder = `${await testFolder()}/read-only`;
    await mkdir(folder);
    await execa("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", folder]);
    onTestFinished(async () => void (await execa("umount", [folder])));
    const shim = await DirectShim.bundle({ spec: sleeper() });
    const before = census.take();
    const result = await shim.run("start", ["-bundle", folder]);
    expect(result.exitCode).not.toBe(0);
    expect(`${result.stdout}${result.stderr}`).toMatch(/read-only file system/i);
    await census.expectNoMoreThan(before);
    expect(shimPids(shim.id)).toEqual([]);
  });
});

describe("delete", () => {
  it("of a container that never was prints an answer, twice", async () => {
    const shim = await DirectShim.bundle();
    for (let round = 0; round < 2; round++) {
      const { exitCode, stdoutBytes, stderr } = await shim.run("delete");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const { exitStatus, exitedAt } = DeleteResponse.decode(stdoutBytes);
      expect(exitStatus).toBe(137);
      expect(Number(exitedAt?.seconds)).toBeGreaterThan(1_700_000_000);
    }
  });

  it("with a bundle that is gone still answers", async () => {
    const shim = await DirectShim.bundle();
    const result = await shim.run("delete", ["-bundle", `${shim.bundle}/gone`]);
    expect(result.exitCode).toBe(0);
    expect(DeleteResponse.decode(result.stdoutBytes).exitStatus).toBe(137);
  });

  it("with a damaged state file still answers", async () => {
    const shim = await DirectShim.bundle();
    await writeFile(`${shim.bundle}/rund.json`, '{"containerId":');
    const { exitCode, stdoutBytes } = await shim.run("delete");
    expect(exitCode).toBe(0);
    expect(DeleteResponse.decode(stdoutBytes).exitStatus).toBe(137);
  });

  it("after a crash ends the jail, takes everything back and answers the pid, within 5 s", async () => {
    const { shim, task } = await DirectShim.start({ spec: sleeper() });
    const before = census.take();
    const { pid } = await task.create();
    await task.start();
    process.kill((await task.connect()).shimPid, "SIGKILL");
    await task.client.closed;
    const result = await shim.run("delete");
    expect(result.exitCode).toBe(0);
    expect(DeleteResponse.decode(result.stdoutBytes)).toMatchObject({ pid, exitStatus: 137 });
    expect(result.milliseconds).toBeLessThan(5000);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(shim.socket)).toBe(false);
    await census.expectNoMoreThan(before);
  });

  it("after a crash knows how a container ended that had ended before", async () => {
    const { shim, task } = await DirectShim.start({
      spec: jailSpec({ rootfs, args: ["sh", "-c", "exit 9"] }),
    });
    await task.create();
    await task.start();
    await task.wait();
    process.kill((await task.connect()).shimPid, "SIGKILL");
    await task.client.closed;
    const { stdoutBytes } = await shim.run("delete");
    expect(DeleteResponse.decode(stdoutBytes).exitStatus).toBe(9);
  });
});

describe("shutdown", () => {
  it("is ignored while the container is there, and ends the daemon after it", async () => {
    const { shim, task } = await DirectShim.start({ spec: sleeper() });
    const { shimPid } = await task.connect();
    await task.create();
    await task.shutdown();
    expect((await task.state()).id).toBe(shim.id);
    await task.start();
    await task.kill(9);
    await task.wait();
    await task.delete();
    await task.shutdown();
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(shim.socket)).toBe(false);
  });
});

describe("without an action", () => {
  const program = new CommandLine(`${shimFolder()}/containerd-shim-rund-v1`);

  it("-v tells name and version", async () => {
    const result = await program.run(["-v"]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/containerd-shim-rund-v1[\s\S]*\d+\.\d+\.\d+/);
  });

  it("-info answers containerd's question", async () => {
    const { exitCode, stdoutBytes } = await program.run(["-info"]);
    expect(exitCode).toBe(0);
    expect(RuntimeInfo.decode(stdoutBytes)).toMatchObject({ name: "io.containerd.rund.v1" });
  });

  it("says how it is used, and fails", async () => {
    const result = await program.run(["no-such-action"]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/no-such-action/);
  });
});
