import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Console } from "../runtime/support/console.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

const whole = (...args: readonly string[]) => {
  const program = args.map((arg) => `arg ${arg}`);
  return [`root ${jail.root}`, ...program, "env PATH=/bin", "cwd /", "uid 1000", "gid 1000"];
};

async function refusal(...records: readonly string[]): Promise<string | undefined> {
  const raw = new RawLauncher();
  raw.send(...records, "");
  await raw.answered("error");
  await raw.exited;
  return raw.answers[0];
}

describe("a console", () => {
  it("gets the terminal of a process, which no relay stands between", async () => {
    const console = await Console.listen(jail.hostPath("."));
    const raw = new RawLauncher();
    const script = "stty size; test -t 0 && test -t 1 && test -t 2 && read word && echo got $word; exit 7";
    raw.send(...whole("sh", "-c", script), "terminal 91 17", `console ${console.socket}`, "");
    const [ready] = await raw.answered("ready");
    const pid = Number(ready?.split(" ")[1]);
    expect(pid).toBe(raw.child.pid);
    await console.waitFor(/received \/dev\/ptmx\n/);
    raw.send("start");
    await console.waitFor(/24 80\r\n/);
    console.type("word\r");
    await console.waitFor(/got word\r\n/);
    await console.closed();
    expect(await raw.exited).toBe(7);
  });

  it("is the controlling terminal of a session of its own", async () => {
    const console = await Console.listen(`${jail.root}/tmp`);
    const raw = new RawLauncher();
    raw.send(...whole("cat"), "terminal 80 24", `console ${console.socket}`, "", "start");
    await raw.answered("closed");
    const fields = readFileSync(`/proc/${raw.child.pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
    // Session and foreground process group are its own, and there is a terminal.
    expect([fields[3], fields[5]]).toEqual([String(raw.child.pid), String(raw.child.pid)]);
    expect(fields[4]).not.toBe("0");
    console.type("\x03");
    expect(await raw.exited).toBe(130);
  });

  it("that nobody listens at is an error", async () => {
    const path = jail.hostPath("none.sock");
    expect(await refusal(...whole("true"), "terminal 0 0", `console ${path}`)).toBe(
      `error ENOENT console socket ${path}: no such file or directory`,
    );
  });

  it("goes with a terminal, and with nobody who relays it", async () => {
    const alone = "error EINVAL terminal: must be given with a console or a foreground";
    expect(await refusal(...whole("true"), "console /x")).toBe(alone);
    expect(await refusal(...whole("true"), "foreground 1")).toBe(alone);
    expect(await refusal(...whole("true"), "terminal 0 0", "console /x", "foreground 1")).toBe(
      "error EINVAL foreground: has no console",
    );
    expect(await refusal(...whole("true"), "terminal 0 0", "gate /x")).toBe(
      "error EINVAL gate: a relay cannot be left alone",
    );
    expect(await refusal("foreground 2")).toBe(
      "error EINVAL launch request: malformed or repeated foreground",
    );
  });
});
