import { readFile, stat, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inFiles } from "./support/oci_runtime.ts";
import { containerId, makeBundle, runtimes } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

describe("run in the foreground", () => {
  it.each([
    ["the code of its program", "exit 7", 7],
    ["128 and the number of the signal that ended it", "kill -9 $$", 137],
  ])("exits with %s", async (_what, script, code) => {
    const bundle = await makeBundle(own, script);
    const id = containerId(rund);
    expect((await rund.run(["run", "--bundle", bundle.path, id])).exitCode).toBe(code);
    expect((await rund.run(["state", id])).exitCode).toBe(1);
  });

  it("passes each stream on as it is", async () => {
    const bundle = await makeBundle(own, "cat; echo errors >&2; echo output");
    const { stdout, stderr } = await rund.ok(["run", "-b", bundle.path, containerId(rund)], {
      input: "input\n",
    });
    expect([stdout, stderr]).toEqual(["input\noutput\n", "errors\n"]);
  });

  it("passes ten megabytes through, byte by byte", async () => {
    const bundle = await makeBundle(own, ["cat"]);
    const bytes = Buffer.alloc(10 << 20, "0123456789abcdef\n");
    const { stdoutBytes } = await rund.ok(["run", "-b", bundle.path, containerId(rund)], { input: bytes });
    expect(Buffer.compare(stdoutBytes, bytes)).toBe(0);
  });

  it("takes the working directory for the bundle, or a folder's name for both", async () => {
    const bundle = await makeBundle(own, "echo here");
    expect((await rund.ok(["run", containerId(rund)], { cwd: bundle.path })).stdout).toBe("here\n");
    expect((await rund.ok(["run", `${bundle.path}/`])).stdout).toBe("here\n");
    expect((await rund.ok(["run", "."], { cwd: bundle.path })).stdout).toBe("here\n");
  });

  it("of a folder gives each container a name of its own", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const first = rund.spawn(["run", bundle.path]);
    await expect.poll(async () => (await rund.ok(["list", "-q"])).stdout.split("\n")).toHaveLength(2);
    const second = rund.spawn(["run", bundle.path]);
    await expect.poll(async () => (await rund.ok(["list", "-q"])).stdout.split("\n")).toHaveLength(3);
    const name = bundle.path.split("/").at(-1);
    expect((await rund.ok(["list", "-q"])).stdout).toBe(`${name}\n${name}-2\n`);
    for (const id of [name, `${name}-2`]) await rund.ok(["kill", id ?? "", "KILL"]);
    expect([(await first.result).exitCode, (await second.result).exitCode]).toEqual([137, 137]);
  });

  it("ends what its program leaves behind, and does not wait for it", async () => {
    const bundle = await makeBundle(own, "(trap '' TERM HUP; sleep 1000) & sleep 1000 & echo done");
    const { stdout, milliseconds } = await rund.ok(["run", "-b", bundle.path, containerId(rund)]);
    expect(stdout).toBe("done\n");
    expect(milliseconds).toBeLessThan(10_000);
    await own.census.expectNoMoreThan(new Set());
  });

  it("passes signals on", async () => {
    const names = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "CONT"] as const;
    const traps = names.map((name) => `trap 'echo ${name}' ${name}`).join("; ");
    const bundle = await makeBundle(
      own,
      `${traps}; trap 'exit 9' WINCH; echo ready; while :; do sleep 0.02; done`,
    );
    const id = containerId(rund);
    const run = rund.spawn(["run", "-b", bundle.path, id]);
    await run.waitFor(/ready/);
    for (const name of names) {
      run.kill(`SIG${name}`);
      await run.waitFor(new RegExp(name));
    }
    await rund.ok(["kill", id, "WINCH"]);
    expect((await run.result).exitCode).toBe(9);
  });

  it("ends with 143 when it is asked to end, and leaves nothing", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    const run = rund.spawn(["run", "-b", bundle.path, id]);
    await expect.poll(async () => (await rund.run(["state", id])).stdout).toContain('"running"');
    run.kill("SIGTERM");
    expect((await run.result).exitCode).toBe(143);
    expect((await rund.ok(["list", "-q"])).stdout).not.toContain(id);
  });

  it("keeps the container when it is told to", async () => {
    const bundle = await makeBundle(own, "exit 3");
    const id = containerId(rund);
    expect((await rund.run(["run", "--keep", "-b", bundle.path, id])).exitCode).toBe(3);
    expect(await rund.state(id)).toMatchObject({ status: "stopped", pid: 0 });
    await rund.ok(["delete", id]);
    expect((await rund.run(["state", id])).exitCode).toBe(1);
  });

  it("says why a program cannot be run, and leaves nothing, as runc", async () => {
    for (const [args, reason] of [
      [["no-such-program"], 'exec: "no-such-program": executable file not found in $PATH'],
      [["/etc/passwd"], 'exec: "/etc/passwd": permission denied'],
      [["/no/such/program"], /\/no\/such\/program.*: no such file or directory/],
    ] as const) {
      const bundle = await makeBundle(own, args);
      for (const runtime of both) {
        const id = containerId(runtime);
        const { exitCode, stderr } = await runtime.run(["run", "-b", bundle.path, id]);
        expect([runtime.name, exitCode]).toEqual([runtime.name, 1]);
        expect(stderr.replaceAll('\\"', '"')).toMatch(reason);
        expect((await runtime.run(["state", id])).exitCode).toBe(1);
      }
    }
  });
});

describe("run in the background", () => {
  it("ends when the program runs, whose streams are its own", async () => {
    const bundle = await makeBundle(own, "echo first; read word; echo got $word; sleep 1000");
    await writeFile(`${bundle.path}/in`, "input\n");
    for (const runtime of both) {
      const id = containerId(runtime);
      const pidFile = `${bundle.path}/pid`;
      const args = ["run", "--detach", "--pid-file", pidFile, "-b", bundle.path, id];
      expect((await inFiles(runtime, args, bundle.path).result).exitCode).toBe(0);
      await expect.poll(() => bundle.output()).toBe("first\ngot input\n");
      expect(await readFile(pidFile, "utf8")).toBe(String((await runtime.state(id)).pid));
      expect((await stat(pidFile)).mode & 0o777).toBe(0o644);
      await runtime.remove(id);
    }
  });

  it("fails with what is wrong with the program, and leaves nothing", async () => {
    const bundle = await makeBundle(own, ["no-such-program"]);
    const id = containerId(rund);
    const { exitCode } = await inFiles(rund, ["run", "-d", "-b", bundle.path, id], bundle.path).result;
    expect(exitCode).toBe(1);
    expect(await bundle.errors()).toMatch(/executable file not found/);
    expect((await rund.run(["state", id])).exitCode).toBe(1);
  });
});
