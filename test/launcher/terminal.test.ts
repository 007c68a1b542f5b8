import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listJailProcesses } from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { launch } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { descriptorsOf, isAlive, procStatus, sessionOf } from "./proc_status.ts";
import { TerminalSession } from "./terminal_session.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

async function commandsIn(jail: BusyboxJail): Promise<string[]> {
  return (await listJailProcesses(jail.root, launcher)).map(({ command }) => command);
}

describe("a jailed process with a terminal", () => {
  it("has it as standard input, output and error, with default modes", async () => {
    const session = await TerminalSession.start(jail, "test -t 0 && test -t 1 && test -t 2 && echo yes >&2");
    expect(await session.ended()).toBe(0);
    expect(session.output).toBe("yes\r\n");
  });

  it.each([0, 1, 127, 255])("passes exit code %i on", async (code) => {
    expect(await (await TerminalSession.start(jail, `exit ${code}`)).ended()).toBe(code);
  });

  it("shows its death by a signal as 128 plus the number", async () => {
    for (const signal of [1, 9, 15]) {
      const session = await TerminalSession.start(jail, ["sleep", "60"]);
      expect(session.process.signal(signal)).toBe(true);
      expect(await session.ended()).toBe(128 + signal);
      expect(session.process.signal(signal)).toBe(false);
    }
  });

  it("is known by its own pid, not its relay's", async () => {
    const session = await TerminalSession.launch(jail, ["sleep", "60"]);
    await session.process.start();
    const status = procStatus(session.process.pid);
    expect(status.get("Name")).toBe("sleep");
    expect(status.get("SigIgn")).toBe("0000000000000000");
    expect(status.get("SigBlk")).toBe("0000000000000000");
    expect(sessionOf(session.process.pid)).toBe(session.process.pid);
    expect([...descriptorsOf(session.process.pid).keys()]).toEqual([0, 1, 2]);
    session.process.signal(9);
    await session.ended();
  });

  it("fails before the gate and at the start with the same texts as without", async () => {
    const terminal = { terminal: true } as const;
    await expect(launch(jail, ["foo"], terminal)).rejects.toThrow(
      'exec: "foo": executable file not found in $PATH',
    );
    await expect(launch(jail, ["true"], { ...terminal, cwd: "/etc/passwd" })).rejects.toThrow(
      "not a directory",
    );
    execFileSync("sh", ["-c", 'echo garbage > "$1"; chmod 755 "$1"', "sh", `${jail.root}/bin/garbage`]);
    const garbage = await launch(jail, ["garbage"], terminal);
    await expect(garbage.start()).rejects.toThrow("exec /bin/garbage: exec format error");
    expect((await garbage.exited).status).toBe(126);
  });

  it("can be killed at the gate", async () => {
    const session = await TerminalSession.launch(jail, ["true"]);
    session.process.signal(15);
    expect(await session.ended()).toBe(143);
    await expect(session.process.start()).rejects.toThrow("ended before its start");
  });
});

describe("the terminal's size", () => {
  it("is set from the start", async () => {
    const session = await TerminalSession.start(jail, "stty size", {
      terminalSize: { width: 132, height: 43 },
    });
    await session.ended();
    expect(session.output).toBe("43 132\r\n");
  });

  it("can be set while the process waits at the gate", async () => {
    const session = await TerminalSession.launch(jail, "read x; stty size");
    session.process.resize({ width: 10, height: 20 });
    await session.process.start();
    session.type("\n");
    await session.shows("20 10\r\n");
    await session.ended();
  });

  it("changes with a SIGWINCH to the program", async () => {
    const session = await TerminalSession.start(
      jail,
      'trap "stty size" WINCH; echo set; while :; do sleep 0.05; done',
    );
    await session.shows("set\r\n");
    session.process.resize({ width: 111, height: 22 });
    await session.shows("22 111\r\n");
    session.process.resize({ width: 200, height: 50 });
    await session.shows("50 200\r\n");
    session.process.signal(9);
    await session.ended();
  });
});

describe("the line discipline", () => {
  it("echoes and hands on lines", async () => {
    const session = await TerminalSession.start(jail, "read line; echo got $line");
    session.type("hello\n");
    expect(await session.ended()).toBe(0);
    expect(session.output).toBe("hello\r\ngot hello\r\n");
  });

  it("makes ^C an interrupt of the foreground program", async () => {
    const session = await TerminalSession.start(
      jail,
      'trap "echo caught; exit 5" INT; echo set; while :; do sleep 1; done',
    );
    await session.shows("set\r\n");
    session.type("\u0003");
    await session.shows("caught\r\n");
    expect(await session.ended()).toBe(5);
  });

  it("ends a program that reads to the end with ^D", async () => {
    const session = await TerminalSession.start(jail, ["cat"]);
    session.type("line\n\u0004");
    expect(await session.ended()).toBe(0);
    expect(session.output).toBe("line\r\nline\r\n");
  });

  it("gives an interactive shell job control", async () => {
    const env = ["PATH=/bin", "PS1=ready> "];
    const session = await TerminalSession.start(jail, ["sh", "-i"], { env });
    // The shell asks for the cursor's place behind its prompt, and forgets what was typed before.
    const prompt = () => eventually(() => session.output.endsWith("ready> \u001b[6n"));
    await prompt();
    session.type("sleep 1000\n");
    await eventually(async () => (await commandsIn(jail)).includes("sleep 1000"));
    session.type("\u001a");
    await session.shows("Stopped");
    await prompt();
    session.type("kill %1; fg; echo code=$?\n");
    await session.shows("code=143");
    await prompt();
    session.type("exit 3\n");
    expect(await session.ended()).toBe(3);
    expect(session.output).not.toContain("job control turned off");
  });
});

describe("the name of the terminal", () => {
  it("is known in the jail when it has a devpts, and its user owns it", async () => {
    const devpts = `${jail.root}/dev/pts`;
    execFileSync("mkdir", ["-p", devpts]);
    execFileSync("mount", [
      "-t",
      "devpts",
      "-o",
      "newinstance,ptmxmode=0666,mode=620,gid=5",
      "devpts",
      devpts,
    ]);
    try {
      const session = await TerminalSession.start(
        jail,
        "read x; tty; ls -ln $(tty); echo again > /dev/pts/0",
        {
          uid: 1000,
          gid: 1000,
        },
      );
      expect(statSync(`${devpts}/0`).uid).toBe(1000);
      execFileSync("mkdir", ["-p", `${jail.root}/proc`]);
      session.type("\n");
      expect(await session.ended()).toBe(0);
      expect(session.output).toContain("/dev/pts/0\r\n");
      expect(session.output).toContain("again\r\n");
      await eventually(() => !isAlive(session.process.pid));
    } finally {
      execFileSync("umount", [devpts]);
    }
  });

  it("is not looked for through links that lead out of the jail", async () => {
    execFileSync("sh", ["-c", 'rmdir "$1"; ln -s /dev/pts "$1"', "sh", `${jail.root}/dev/pts`]);
    const session = await TerminalSession.start(jail, "test -t 0 && echo fine");
    expect(await session.ended()).toBe(0);
    expect(session.output).toBe("fine\r\n");
    execFileSync("rm", [`${jail.root}/dev/pts`]);
  });
});
