import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { listJailProcesses } from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { launch } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { isAlive, procStatus } from "./proc_status.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

function request(...more: readonly string[]): string[] {
  return [
    `root ${jail.root}`,
    "arg touch",
    "arg /ran",
    "env PATH=/bin",
    "cwd /",
    "uid 0",
    "gid 0",
    ...more,
    "",
  ];
}

describe("a process at the gate", () => {
  it("can be killed; its start then fails and nothing ran", async () => {
    const process = await launch(jail, ["touch", "/ran"]);
    expect(process.signal(15)).toBe(true);
    expect((await process.exited).status).toBe(143);
    await expect(process.start()).rejects.toMatchObject({ code: Code.failedPrecondition });
    expect(existsSync(`${jail.root}/ran`)).toBe(false);
  });

  it("starts once only", async () => {
    const process = await launch(jail, ["sleep", "60"]);
    await process.start();
    await expect(process.start()).rejects.toMatchObject({ code: Code.failedPrecondition });
    process.signal(9);
    await process.exited;
  });

  it("is in the jail already for those who look for its processes", async () => {
    const process = await launch(jail, ["true"]);
    expect((await listJailProcesses(jail.root, launcher)).map(({ pid }) => pid)).toEqual([process.pid]);
    process.signal(9);
    await process.exited;
  });

  it.each([[[]], [["terminal 80 24"]]])("ends silently with the shim (%j)", async (more) => {
    const raw = new RawLauncher();
    raw.send(...request(...more));
    const [ready] = await raw.answered("ready");
    const pid = Number(ready?.split(" ")[1]);
    expect(isAlive(pid)).toBe(true);
    raw.hangUp();
    expect(await raw.exited).toBe(0);
    await eventually(() => !isAlive(pid));
    expect(existsSync(`${jail.root}/ran`)).toBe(false);
  });

  it("starts although the shim dies right after it said so", async () => {
    const raw = new RawLauncher();
    raw.send(...request());
    await raw.answered("ready");
    raw.control.end("start\0");
    expect(await raw.exited).toBe(0);
    expect(existsSync(`${jail.root}/ran`)).toBe(true);
  });

  it("ignores a resize, and refuses what it does not know", async () => {
    const raw = new RawLauncher();
    raw.send(...request(), "resize 10 10", "jump");
    const answers = await raw.answered("error");
    expect(answers.at(-1)).toBe("error EINVAL launch request: unknown message at the gate");
    expect(await raw.exited).toBe(126);
  });
});

describe("a launcher that gets no request", () => {
  it("ends silently when the shim is gone before", async () => {
    const raw = new RawLauncher();
    raw.hangUp();
    expect(await raw.exited).toBe(0);
  });
});

describe("the relay of a terminal", () => {
  /** A request for a shell on a terminal. */
  function script(text: string, cwd = "/"): string[] {
    const program = ["arg sh", "arg -c", `arg ${text}`, "env PATH=/bin"];
    return [`root ${jail.root}`, ...program, `cwd ${cwd}`, "uid 0", "gid 0", "terminal 80 24", ""];
  }

  it("serves the process to its end although the shim has died", async () => {
    const raw = new RawLauncher();
    raw.send(...script("sleep 0.2; touch /after; exit 7"));
    await raw.answered("ready");
    raw.send("start");
    await raw.answered("closed");
    raw.hangUp();
    expect(await raw.exited).toBe(7);
    expect(existsSync(`${jail.root}/after`)).toBe(true);
  });

  it("keeps the pid of the ended process taken until the shim knows of the end", async () => {
    const raw = new RawLauncher();
    raw.send(...script("exit 7"));
    const [ready] = await raw.answered("ready");
    raw.send("start");
    expect(await raw.answered("exited")).toEqual([ready, "started", "closed", "exited"]);
    expect(procStatus(Number(ready?.split(" ")[1])).get("State")).toBe("Z (zombie)");
    raw.send("bye");
    expect(await raw.exited).toBe(7);
  });

  it("does not wait for a shim that hangs", async () => {
    const raw = new RawLauncher();
    raw.send(...script("exit 7"), "start");
    expect(await raw.exited).toBe(7);
  });

  it("reports what is wrong with the jail", async () => {
    const raw = new RawLauncher();
    raw.send(...script("exit 7", "/etc/passwd"));
    expect((await raw.answered("exited")).at(0)).toBe("error ENOTDIR cwd /etc/passwd: not a directory");
    raw.send("bye");
    expect(await raw.exited).toBe(127);
  });
});
