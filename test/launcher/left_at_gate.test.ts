import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Code } from "../../src/common/error.ts";
import { isWaiting, openGate } from "../../src/jail/gate.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { descriptorsOf, isAlive } from "./proc_status.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

let gates = 0;

/** A process that was left at its gate by the one who has launched it. */
async function left(args: readonly string[], ...more: readonly string[]) {
  const gate = jail.hostPath(`gate-${++gates}`);
  const raw = await atGate(gate, args, ...more);
  const pid = Number(raw.answers[0]?.split(" ")[1]);
  raw.send("leave");
  raw.control.end();
  onTestFinished(() => void (isAlive(pid) && process.kill(pid, "SIGKILL")));
  return { raw, gate, pid };
}

async function atGate(
  gate: string,
  args: readonly string[],
  ...more: readonly string[]
): Promise<RawLauncher> {
  const raw = new RawLauncher();
  const program = args.map((arg) => `arg ${arg}`);
  raw.send(
    `root ${jail.root}`,
    ...program,
    "env PATH=/bin",
    "cwd /",
    "uid 0",
    "gid 0",
    `gate ${gate}`,
    ...more,
    "",
  );
  await raw.answered("ready");
  return raw;
}

async function caller(gate: string): Promise<Socket> {
  const socket = connect(gate);
  await once(socket, "connect");
  return socket;
}

describe("a process that was left at its gate", () => {
  it("waits for whoever opens it, under the pid that it had", async () => {
    const { raw, gate, pid } = await left(["sh", "-c", "echo $$ >/pid; exit 5"]);
    expect(await isWaiting(gate)).toBe(true);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(`${jail.root}/pid`)).toBe(false);
    await openGate(gate);
    expect(await raw.exited).toBe(5);
    expect(existsSync(`${jail.root}/pid`)).toBe(true);
    rmSync(`${jail.root}/pid`);
  });

  it("is started by one only", async () => {
    const { raw, gate, pid } = await left(["sleep", "60"]);
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => openGate(gate)));
    expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const start of starts) {
      if (start.status === "rejected")
        expect(start.reason.code, String(start.reason)).toBe(Code.failedPrecondition);
    }
    expect(await isWaiting(gate)).toBe(false);
    await expect(openGate(gate)).rejects.toMatchObject({ code: Code.failedPrecondition });
    process.kill(pid, "SIGTERM");
    await raw.exited;
  });

  it("stays for those who only look, go away or talk nonsense", async () => {
    const { raw, gate } = await left(["true"]);
    const looks = Array.from({ length: 60 }, () => isWaiting(gate));
    expect(await Promise.all(looks)).toEqual(looks.map(() => true));
    for (const said of ["", "st", "stop\0", "leave\0", `${"x".repeat(10_000)}\0`]) {
      const socket = await caller(gate);
      socket.on("error", () => {});
      socket.end(said);
      await once(socket, "close");
    }
    await openGate(gate);
    expect(await raw.exited).toBe(0);
  });

  it("tells the one who opens it why it cannot be executed", async () => {
    const folder = `${jail.root}/vanishing`;
    mkdirSync(folder);
    execFileSync("cp", [`${jail.root}/bin/busybox`, `${folder}/sh`]);
    const { raw, gate } = await left(["/vanishing/sh"]);
    rmSync(folder, { recursive: true });
    await expect(openGate(gate)).rejects.toThrow("exec /vanishing/sh: no such file or directory");
    expect(await raw.exited).toBe(127);
  });

  it("can be killed, and then nobody waits there", async () => {
    const { raw, gate, pid } = await left(["true"]);
    process.kill(pid, "SIGTERM");
    expect(await raw.exited).toBe(143);
    expect(await isWaiting(gate)).toBe(false);
    await expect(openGate(gate)).rejects.toMatchObject({ code: Code.failedPrecondition });
  });

  it("has a gate for root alone, and keeps no descriptor of it", async () => {
    const { raw, gate, pid } = await left(["sleep", "60"], "umask 0");
    expect(statSync(gate).mode & 0o777).toBe(0o600);
    await openGate(gate);
    await eventually(() => [...descriptorsOf(pid).keys()].every((fd) => fd <= 2));
    process.kill(pid, "SIGKILL");
    await raw.exited;
  });

  it("may have a gate with a longer path than an address has room for", async () => {
    const folder = jail.hostPath("long/".repeat(40));
    mkdirSync(folder, { recursive: true });
    const raw = await atGate(`${folder}gate`, ["true"]);
    raw.send("leave");
    raw.control.end();
    expect(await isWaiting(`${folder}gate`)).toBe(true);
    await openGate(`${folder}gate`);
    expect(await raw.exited).toBe(0);
  });
});

describe("a process with a gate that was not left there", () => {
  it("still ends with the one who has launched it", async () => {
    const gate = jail.hostPath(`gate-${++gates}`);
    const raw = await atGate(gate, ["touch", "/ran"]);
    raw.hangUp();
    expect(await raw.exited).toBe(0);
    expect(await isWaiting(gate)).toBe(false);
    expect(existsSync(`${jail.root}/ran`)).toBe(false);
  });

  it("can still be started by that one", async () => {
    const raw = await atGate(jail.hostPath(`gate-${++gates}`), ["sh", "-c", "exit 6"]);
    raw.send("start");
    expect(await raw.exited).toBe(6);
  });

  it("fails where the gate cannot be made", async () => {
    const taken = jail.hostPath(`gate-${++gates}`);
    await (await atGate(taken, ["true"])).control.end("start\0");
    for (const [gate, reason] of [
      [taken, `error EIO gate ${taken}: address already in use`],
      [
        jail.hostPath("none/gate"),
        `error ENOENT gate ${jail.hostPath("none/gate")}: no such file or directory`,
      ],
    ] as const) {
      const raw = new RawLauncher();
      raw.send(
        `root ${jail.root}`,
        "arg true",
        "env PATH=/bin",
        "cwd /",
        "uid 0",
        "gid 0",
        `gate ${gate}`,
        "",
      );
      await raw.answered("error");
      expect(raw.answers).toEqual([reason]);
      await raw.exited;
    }
  });
});
