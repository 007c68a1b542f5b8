import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listJailProcesses } from "../../src/jail/process_table.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { launcher } from "./launcher_under_test.ts";
import { descriptorsOf, isAlive } from "./proc_status.ts";
import { TerminalSession } from "./terminal_session.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

function expectedLines(count: number): string {
  return Array.from({ length: count }, (_, i) => `${i + 1} some more text to fill the line with\r\n`).join(
    "",
  );
}

describe("the relay", () => {
  it("hands on 10 MB of output to the last byte", async () => {
    const count = 240_000;
    const session = await TerminalSession.start(jail, [
      "sh",
      "-c",
      `seq 1 ${count} | sed 's/$/ some more text to fill the line with/'`,
    ]);
    expect(await session.ended()).toBe(0);
    const digest = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(session.output.length).toBeGreaterThan(10_000_000);
    expect(digest(session.output)).toBe(digest(expectedLines(count)));
  });

  it("loses no last line of 200 fast writers", async () => {
    for (let i = 0; i < 200; i++) {
      const session = await TerminalSession.start(jail, ["echo", `last line ${i}`]);
      expect(await session.ended()).toBe(0);
      expect(session.output).toBe(`last line ${i}\r\n`);
    }
  });

  it("takes 1 MB of input while output flows back", async () => {
    // Raw: in line mode a terminal keeps 4095 bytes of a line.
    const session = await TerminalSession.start(
      jail,
      "stty raw -echo; echo ready; head -c 1000000 | cat; echo; echo end",
    );
    await session.shows("ready\n");
    const text = "0123456789".repeat(100_000);
    await session.typeMuch(text);
    await session.shows("\nend");
    expect(await session.ended()).toBe(0);
    expect(session.output === `ready\n${text}\nend\n`).toBe(true);
  });

  it("holds a writer back while the client does not read, and then goes on", async () => {
    const session = await TerminalSession.launch(jail, ["sh", "-c", "seq 1 400000; echo done"]);
    session.pauseReader();
    await session.process.start();
    const runnable = async () =>
      (await listJailProcesses(jail.root, launcher)).filter(({ state }) => state !== "S").length;
    await eventually(async () => (await runnable()) === 0 && (await runnable()) === 0);
    expect(isAlive(session.process.pid)).toBe(true);
    session.resumeReader();
    expect(await session.ended()).toBe(0);
    expect(session.output.endsWith("400000\r\ndone\r\n")).toBe(true);
  });

  it("takes input although nobody reads the output", async () => {
    const session = await TerminalSession.start(
      jail,
      "stty -echo; (yes | head -c 3000000) & echo ready; read x; exit 9",
    );
    await session.shows("ready");
    session.pauseReader();
    session.type("go\n");
    const { pid } = session.process;
    await eventually(() => !isAlive(pid));
    session.resumeReader();
    expect(await session.ended()).toBe(9);
  });

  it("leaves the terminal open at the end of the input", async () => {
    const session = await TerminalSession.start(jail, "echo ready; sleep 0.3; test -t 0 && echo still here");
    await session.shows("ready");
    session.endInput();
    expect(await session.ended()).toBe(0);
    expect(session.output).toContain("still here");
  });

  it("lets the process run when the client's reader is gone", async () => {
    const session = await TerminalSession.start(jail, "echo ready; read x; seq 1 20000; exit 6");
    await session.shows("ready");
    await session.dropReader();
    session.type("\n");
    expect(await session.ended()).toBe(6);
  });

  it("does not wait for others in the jail who hold the terminal open", async () => {
    const session = await TerminalSession.start(
      jail,
      'sh -c "trap : HUP; while :; do sleep 1; done" & echo mine; exit 4',
    );
    const before = Date.now();
    expect(await session.ended()).toBe(4);
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(session.output).toContain("mine\r\n");
  });

  it("does not wait for others in the jail who never stop writing", async () => {
    const session = await TerminalSession.start(jail, "sh -c \"trap '' HUP; exec yes\" & sleep 0.2; exit 4");
    expect(await session.ended()).toBe(4);
  });

  it("goes on when the program closes the terminal for a moment", async () => {
    const script = "exec 0<&- 1>&- 2>&-; sleep 0.2; exec 1>/dev/tty; echo back";
    execFileSync("mknod", ["-m", "666", `${jail.root}/dev/tty`, "c", "5", "0"]);
    const session = await TerminalSession.start(jail, script);
    expect(await session.ended()).toBe(0);
    expect(session.output).toBe("back\r\n");
  });

  it("leaks no descriptor into the shim over 50 sessions", async () => {
    await (await TerminalSession.start(jail, ["true"])).ended();
    const before = descriptorsOf("self").size;
    for (let i = 0; i < 50; i++) await (await TerminalSession.start(jail, ["true"])).ended();
    await eventually(() => descriptorsOf("self").size <= before);
  });
});
