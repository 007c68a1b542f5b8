import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killJail, killJailUntilGone, listJailProcesses } from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { start } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { isAlive } from "./proc_status.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

const list = () => listJailProcesses(jail.root, launcher);
const commands = async () => (await list()).map(({ command }) => command).sort();
const untilGone = (timeoutMs: number) => killJailUntilGone(jail.root, timeoutMs, launcher);

describe("the processes of a jail", () => {
  it("are listed with what stats need", async () => {
    const busy = await start(jail, ["sh", "-c", "while :; do :; done"], { uid: 1000, gid: 1000 });
    await eventually(async () => ((await list())[0]?.user ?? 0) > 20_000);
    const [found] = await list();
    expect(found).toMatchObject({ pid: busy.pid, ppid: process.pid, uid: 1000, state: "R", threads: 1 });
    expect(found?.command).toBe("sh -c while :; do :; done");
    expect(found?.rss).toBeGreaterThan(4096);
    expect(found?.rss).toBeLessThan(50_000_000);
    expect(found?.user).toBeLessThan(5_000_000);
    expect(found?.system).toBeGreaterThanOrEqual(0);
    busy.signal(19);
    await eventually(async () => (await list())[0]?.state === "T");
    busy.signal(9);
    await busy.exited;
    expect(await list()).toEqual([]);
  });

  it("can be named as they like", async () => {
    const name = 'quo"te \\ new\nline\ttab \u0001 ünï';
    const process = await start(jail, ["sh", "-c", "sleep 60; :", name]);
    await eventually(async () => (await list()).length === 2);
    expect((await list())[0]?.command).toBe(`sh -c sleep 60; : ${name}`);
    await untilGone(5_000);
    await process.exited;
  });

  it("include those of nested roots and sessions, and not the dead", async () => {
    mkdirSync(`${jail.root}/nested/bin`, { recursive: true });
    execFileSync("cp", [`${jail.root}/bin/busybox`, `${jail.root}/nested/bin/sleep`]);
    const script = "chroot /nested /bin/sleep 111 & setsid sleep 222 & (sleep 333 &) ; true & sleep 444";
    const process = await start(jail, ["sh", "-c", `${script}; :`]);
    const wanted = ["/bin/sleep 111", "sh -c", "sleep 222", "sleep 333", "sleep 444"];
    await eventually(async () => {
      const seen = (await commands()).map((command) => (command.startsWith("sh -c") ? "sh -c" : command));
      return JSON.stringify(seen) === JSON.stringify(wanted);
    });
    expect(await untilGone(5_000)).toBe(true);
    expect((await process.exited).status).toBe(137);
    expect(await list()).toEqual([]);
  });

  it("do not include those of a jail beside it with a longer name", async () => {
    const other = `${jail.root}-other`;
    execFileSync("cp", ["-a", jail.root, other]);
    const inOther = { ...jail, root: other } as BusyboxJail;
    const process = await start(inOther, ["sleep", "60"]);
    expect(await list()).toEqual([]);
    expect(await killJailUntilGone(`${other}/`, 5_000, launcher)).toBe(true);
    await process.exited;
    execFileSync("rm", ["-r", other]);
  });

  it("are found when the root has been moved or removed", async () => {
    const folder = `${jail.root}-gone`;
    mkdirSync(`${folder}/bin`, { recursive: true });
    execFileSync("cp", [`${jail.root}/bin/busybox`, `${folder}/bin/sleep`]);
    const inFolder = { ...jail, root: folder } as BusyboxJail;
    const process = await start(inFolder, ["/bin/sleep", "60"]);
    renameSync(folder, `${folder}-moved`);
    expect(await listJailProcesses(`${folder}-moved`, launcher)).toHaveLength(1);
    execFileSync("rm", ["-r", `${folder}-moved`]);
    expect(await listJailProcesses(`${folder}-moved`, launcher)).toHaveLength(1);
    expect(await killJailUntilGone(`${folder}-moved`, 5_000, launcher)).toBe(true);
    expect((await process.exited).status).toBe(137);
  });
});

describe("killing a jail", () => {
  it("signals all, or all but one", async () => {
    const first = await start(jail, ["sleep", "60"]);
    const second = await start(jail, ["sleep", "60"]);
    expect(await killJail(jail.root, { signal: 0 }, launcher)).toBe(2);
    expect(await killJail(jail.root, { signal: 15, except: first.pid }, launcher)).toBe(1);
    expect((await second.exited).status).toBe(143);
    expect(isAlive(first.pid)).toBe(true);
    expect(await killJail(jail.root, { signal: 10 }, launcher)).toBe(1);
    expect((await first.exited).status).toBe(138);
    expect(await killJail(jail.root, { signal: 9 }, launcher)).toBe(0);
  });

  it("ends what ignores signals and left the session, within its time", async () => {
    const script =
      "trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' & while :; do sleep 1; done";
    const process = await start(jail, ["sh", "-c", script]);
    await eventually(async () => (await list()).length >= 4);
    await killJail(jail.root, { signal: 15 }, launcher);
    expect(isAlive(process.pid)).toBe(true);
    const before = Date.now();
    expect(await untilGone(5_000)).toBe(true);
    expect(Date.now() - before).toBeLessThan(1_000);
    expect((await process.exited).status).toBe(137);
  });

  it("wins against processes that fork all the time", async () => {
    // Each makes its successor in a session of its own and ends, so every look at the table is out of date at once.
    // Each link leaves a zombie until the host's init collects it, so the chains pause a little and end by themselves.
    const script = '[ "$1" -gt 0 ] || exit; sleep 0.002; setsid /chain $(($1 - 1)) &';
    writeFileSync(join(jail.root, "chain"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const chains = await Promise.all(Array.from({ length: 5 }, () => start(jail, ["/chain", "1000"])));
    await Promise.all(chains.map((chain) => chain.exited));
    expect(await untilGone(20_000)).toBe(true);
    expect(await list()).toEqual([]);
  });

  it("says when the time is over and some are left", async () => {
    const process = await start(jail, ["sleep", "60"]);
    // Time for one look only: what is killed in it may still be there.
    expect(typeof (await untilGone(0))).toBe("boolean");
    expect((await process.exited).status).toBe(137);
    expect(await untilGone(0)).toBe(true);
  });
});

describe("the guard", () => {
  it.each(["/", "//", "/../", "/proc/self/root"])("refuses %s, which is the host's root", async (root) => {
    const refused = /is the root of the host/;
    await expect(listJailProcesses(root, launcher)).rejects.toThrow(refused);
    await expect(killJail(root, { signal: 0 }, launcher)).rejects.toThrow(refused);
    await expect(killJailUntilGone(root, 0, launcher)).rejects.toThrow(refused);
  });

  it("refuses what is no absolute path of a directory", async () => {
    await expect(listJailProcesses("", launcher)).rejects.toThrow("must be an absolute path");
    await expect(listJailProcesses("etc", launcher)).rejects.toThrow("must be an absolute path");
    await expect(listJailProcesses("/etc/passwd", launcher)).rejects.toThrow("not a directory");
    await expect(listJailProcesses(`/${"x".repeat(5_000)}`, launcher)).rejects.toThrow("file name too long");
    expect(await listJailProcesses("/nonexistent/jail", launcher)).toEqual([]);
  });

  it.each([
    [["kill"]],
    [["kill", "--root", "/tmp"]],
    [["kill", "--root", "/tmp", "--signal", "x"]],
    [["kill", "--root", "/tmp", "--signal", "-1"]],
    [["kill", "--root", "/tmp", "--signal", "99"]],
    [["kill", "--root", "/tmp", "--until-gone"]],
    [["kill", "--root", "/tmp", "--until-gone", "--timeout", "1", "--signal", "9"]],
    [["ps", "--root"]],
    [["ps", "--rot", "/tmp"]],
    [["exec", "--root", "/tmp"]],
    [["unknown"]],
    [[]],
  ])("answers a wrong command line with status 64: %j", (args) => {
    expect(() => execFileSync(launcher, args, { stdio: "pipe" })).toThrow(
      expect.objectContaining({ status: 64 }),
    );
  });
});
