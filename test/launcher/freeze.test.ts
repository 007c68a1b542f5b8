import { execFileSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freezeJail, killJailUntilGone, listJailProcesses, thawJail } from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { run, start } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { TerminalSession } from "./terminal_session.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterEach(async () => {
  expect(await killJailUntilGone(jail.root, 20_000, launcher)).toBe(true);
});
afterAll(() => jail.remove());

const list = () => listJailProcesses(jail.root, launcher);
const states = async () => [...new Set((await list()).map(({ state }) => state))];
const freeze = (timeoutMs = 10_000) => freezeJail(jail.root, timeoutMs, launcher);
const thaw = (except: readonly number[] = []) => thawJail(jail.root, except, launcher);
const file = (name: string) => `${jail.root}/${name}`;
const size = (name: string) => statSync(file(name)).size;

describe("freezing a jail", () => {
  it("stops every process, of other sessions and nested roots too, and thawing lets them go on", async () => {
    const count = "while :; do echo x >>";
    await start(jail, [
      "sh",
      "-c",
      `(${count} /a; done) & setsid sh -c '${count} /b; done' & ${count} /c; done`,
    ]);
    await eventually(() => ["a", "b", "c"].every((name) => existsSync(file(name))));
    expect(await freeze()).toEqual([]);
    expect(await states()).toEqual(["T"]);
    const sizes = ["a", "b", "c"].map(size);
    await sleep(50);
    expect(["a", "b", "c"].map(size)).toEqual(sizes);
    await thaw();
    await eventually(() => ["a", "b", "c"].every((name, index) => size(name) > (sizes[index] ?? 0)));
  });

  it("leaves those stopped that were stopped before", async () => {
    const stopped = await start(jail, ["sleep", "60"]);
    const running = await start(jail, ["sleep", "60"]);
    stopped.signal(19);
    await eventually(async () =>
      (await list()).some(({ pid, state }) => pid === stopped.pid && state === "T"),
    );
    const bystanders = await freeze();
    expect(bystanders).toEqual([stopped.pid]);
    await thaw(bystanders);
    const left = (await list()).filter(({ state }) => state === "T").map(({ pid }) => pid);
    expect(left).toEqual([stopped.pid]);
    await thaw();
    await eventually(async () => !(await states()).includes("T"));
    expect((await list()).map(({ pid }) => pid).sort()).toEqual([stopped.pid, running.pid].sort());
  });

  it("wins against processes that fork all the time", async () => {
    await run(jail, 'printf "#!/bin/sh\\necho x >>/links\\nsetsid /chain &\\n" > /chain; chmod 755 /chain');
    await Promise.all(Array.from({ length: 3 }, () => start(jail, ["/chain"])));
    expect(await freeze(20_000)).toEqual([]);
    expect(await states()).toEqual(["T"]);
    const before = size("links");
    await sleep(100);
    expect(size("links")).toBe(before);
    await thaw();
    await eventually(() => size("links") > before);
  });

  it("can be ended by killing", async () => {
    const process = await start(jail, ["sleep", "60"]);
    await freeze();
    process.signal(9);
    expect((await process.exited).status).toBe(137);
  });

  it("is not seen by a shell as a suspended job", async () => {
    const session = await TerminalSession.start(jail, ["sh", "-i"]);
    session.type("sleep 61; echo woke$?\n");
    await eventually(async () => (await list()).some(({ command }) => command === "sleep 61"));
    await freeze();
    await thaw();
    const sleeper = (await list()).find(({ command }) => command === "sleep 61");
    process.kill(sleeper?.pid ?? 0, 15);
    await session.shows("woke143");
    expect(session.output).not.toContain("Stopped");
    session.type("exit 7\n");
    expect(await session.ended()).toBe(7);
  });

  it("lets all go on when the time is over", async () => {
    const process = await start(jail, ["sh", "-c", "while :; do :; done"]);
    // No time for the looks that show that all stand.
    expect(await freeze(0)).toBeUndefined();
    expect((await list()).map(({ state }) => state)).toEqual(["R"]);
    process.signal(9);
    await process.exited;
  });

  it("does nothing to an empty jail", async () => {
    expect(await freeze()).toEqual([]);
    await thaw([1, 2, 3]);
  });
});

it("holds for a parent that waits for the child of a vfork, which cannot be interrupted", async () => {
  const source = jail.hostPath("vfork.c");
  writeFileSync(source, "#include <unistd.h>\nint main() { if (vfork() == 0) { sleep(60); _exit(0); } }\n");
  execFileSync("cc", ["-w", "-static", "-o", file("vfork"), source]);
  const parent = await start(jail, ["/vfork"]);
  await eventually(async () => (await list()).length === 2);
  expect(await freeze()).toEqual([]);
  expect((await list()).map(({ state }) => state).sort()).toEqual(["D", "T"]);
  await thaw();
  await eventually(async () => !(await states()).includes("T"));
  parent.signal(9);
  await parent.exited;
});

describe("the command line", () => {
  it.each([
    [["freeze", "--root", "/tmp"]],
    [["freeze", "--root", "/tmp", "--timeout", "-1"]],
    [["thaw"]],
    [["thaw", "--root", "/tmp", "--except", "1,x"]],
  ])("is answered with status 64 when it is wrong: %j", (args) => {
    expect(() => execFileSync(launcher, args, { stdio: "pipe" })).toThrow(
      expect.objectContaining({ status: 64 }),
    );
  });

  it("is refused for the host's own root", async () => {
    await expect(freezeJail("/", 0, launcher)).rejects.toThrow(/is the root of the host/);
    await expect(thawJail("/", [], launcher)).rejects.toThrow(/is the root of the host/);
  });
});
