import { mkdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { PtySession } from "../harness/pty_session.ts";
import { Console } from "./support/console.ts";
import type { BundleOptions } from "./support/runtimes.ts";
import { containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

const shell = (script: string, options: BundleOptions = {}) =>
  makeBundle(own, script, { terminal: true, ...options });

/** `rund run` on a terminal of the test's. */
async function onTerminal(script: string, options: BundleOptions = {}) {
  const { path } = await shell(script, options);
  const session = rund.pty(["run", "--bundle", path, containerId(rund)], { columns: 91, rows: 17 });
  return session;
}

describe("a container in the foreground of a terminal", () => {
  it("has one of its own, of the same size", async () => {
    const session = await onTerminal("tty; stty size; test -t 0 && test -t 1 && test -t 2 && exit 4");
    await session.waitFor(/\/dev\/pts\/0\r\n17 91\r\n/);
    expect(await session.exitCode).toBe(4);
  });

  it("has the size of its spec where there is no other to take over", async () => {
    const bundle = await shell("stty size", { consoleSize: { width: 55, height: 33 } });
    const { exitCode, stdout } = await rund.run(["run", "--bundle", bundle.path, containerId(rund)]);
    expect([exitCode, stdout]).toEqual([0, "33 55\r\n"]);
  });

  it("is told when it is resized", async () => {
    const session = await onTerminal("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done");
    await session.waitFor(/ready/);
    session.resize(120, 40);
    await session.waitFor(/40 120/);
    session.resize(60, 20);
    await session.waitFor(/20 60/);
    session.write("\x03");
    expect(await session.exitCode).toBe(130);
  });

  it("gets ^C, ^Z and ^D as keys", async () => {
    // With a signal the kernel throws away what is on its way to the screen, unless it is told not to.
    const traps = "trap 'echo INT' INT; trap 'echo TSTP; stopped=yes' TSTP";
    const session = await onTerminal(
      `stty noflsh; ${traps}; echo ready; until test "$stopped"; do sleep 0.05; done; cat; echo end $?`,
    );
    await session.waitFor(/ready/);
    session.write("\x03");
    await session.waitFor(/INT/);
    session.write("\x1a");
    await session.waitFor(/TSTP/);
    session.write("\x04");
    await session.waitFor(/end 0/);
    expect(await session.exitCode).toBe(0);
  });

  it("shows each key once, and every line of much output", async () => {
    const session = await onTerminal("echo ready; read word; seq 20000; echo got $word");
    await session.waitFor(/ready/);
    session.write("xyzzy\r");
    await session.waitFor(/got xyzzy\r\n/);
    expect(await session.exitCode).toBe(0);
    expect(session.output.match(/xyzzy/g)).toHaveLength(2);
    const numbers = session.output.split("\r\n").filter((line) => /^\d+$/.test(line));
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => String(index + 1)));
  });

  it("leaves the terminal as it was, also when it is killed", async () => {
    const { path } = await shell("echo ready; stty -a | head -1 >/dev/null; read word; kill -9 $$");
    const id = containerId(rund);
    const script = `before=$(stty -g); "$@"; echo code $?; test "$before" = "$(stty -g)" && echo same`;
    const { program, prefix } = rund;
    const runs = [program, ...prefix, "run", "--bundle", path, id];
    const session = new PtySession("sh", ["-c", script, "sh", ...runs]);
    await session.waitFor(/ready/);
    session.write("\r");
    await session.waitFor(/code 137/);
    await session.waitFor(/same/);
  });

  it("ends with its terminal", async () => {
    const session = await onTerminal("trap 'exit 0' HUP; echo ready; while :; do sleep 0.05; done");
    await session.waitFor(/ready/);
    session.hangUp();
    await expect.poll(async () => (await rund.ok(["list", "-q"])).stdout).toBe("");
  });

  it("can have another program on it", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    await rund.start(id, bundle);
    const session = rund.pty(["exec", "--tty", id, "sh", "-c", "stty size; read word; exit 6"], {
      columns: 70,
      rows: 30,
    });
    await session.waitFor(/30 70/);
    session.write("\r");
    expect(await session.exitCode).toBe(6);
  });
});

describe("a console socket", () => {
  it("gets the terminal of a created container, as from runc", async () => {
    for (const runtime of both) {
      const bundle = await shell("echo $0 on $(tty); stty size; read word; echo got $word");
      const id = containerId(runtime);
      const console = await Console.listen(bundle.path, 71, 19);
      await runtime.create(id, bundle, "--console-socket", console.socket);
      const [, name = ""] = await console.waitFor(/received (.*)\n/);
      expect(name, runtime.name).toMatch(/^\/dev\/(ptmx|pts\/ptmx)$/);
      await runtime.ok(["start", id]);
      await console.waitFor(/sh on \/dev\/pts\/0\r\n19 71\r\n/);
      console.type("word\r");
      await console.waitFor(/got word\r\n/);
      await console.closed();
      await expect.poll(() => runtime.state(id)).toMatchObject({ status: "stopped" });
    }
  });

  it("gets that of a detached run and of a detached exec", async () => {
    const bundle = await shell("read word");
    const id = containerId(rund);
    const first = await Console.listen(bundle.path);
    await rund.ok(["run", "--detach", "--bundle", bundle.path, "--console-socket", first.socket, id]);
    await first.waitFor(/received/);
    const second = await Console.listen(await testFolder(own));
    await rund.ok([
      "exec",
      "--detach",
      "--tty",
      "--console-socket",
      second.socket,
      id,
      "sh",
      "-c",
      "tty; read x",
    ]);
    await second.waitFor(/\/dev\/pts\/1\r\n/);
    second.type("\r");
    await second.closed();
    first.type("\r");
    await first.closed();
  });

  it("may have a longer path than an address has room for", async () => {
    const bundle = await shell("echo there");
    const folder = `${bundle.path}/${"long/".repeat(30)}`;
    await mkdir(folder, { recursive: true });
    const id = containerId(rund);
    const console = await Console.listen(folder);
    await rund.start(id, bundle, "--console-socket", console.socket);
    await console.waitFor(/there/);
  });

  it("is needed by what is detached, and of no use for anything else: as with runc", async () => {
    const [bundle, plain] = [await shell("true"), await makeBundle(own, "true")];
    const console = await Console.listen(bundle.path);
    const flag = ["--console-socket", console.socket];
    const id = containerId(...both);
    for (const runtime of both) {
      for (const args of [
        ["create", "--bundle", bundle.path],
        ["run", "--detach", "--bundle", bundle.path],
        ["run", ...flag, "--bundle", bundle.path],
        ["create", ...flag, "--bundle", plain.path],
      ]) {
        const { exitCode, stderr } = await runtime.run([...args, id]);
        expect([runtime.name, args.join(" "), exitCode]).toEqual([runtime.name, args.join(" "), 1]);
        expect(stderr).toMatch(/console-socket|console socket/);
      }
    }
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
  });

  it("that nobody listens on fails the create, and nothing is left", async () => {
    const bundle = await shell("true");
    const id = containerId(rund);
    await expect(rund.create(id, bundle, "--console-socket", `${bundle.path}/none`)).rejects.toThrow(
      /console socket .*no such file or directory/,
    );
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
  });
});
