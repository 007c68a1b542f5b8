import { describe, expect, it, onTestFinished } from "vitest";
import type { PtyOptions, PtySession } from "../harness/pty_session.ts";
import { shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { ctr, api, rootfs } = shared();

/** `ctr run --rm -t` on a terminal of its own. */
function terminal(args: readonly string[], options: PtyOptions & { id?: string } = {}): PtySession {
  const { id = uniqueId(), ...size } = options;
  onTestFinished(() => ctr.remove(id));
  return ctr.pty(ctr.runArguments(args, { id }, "--rm", "-t"), size);
}

/** A shell in a container, at its first prompt. */
async function shell(options: PtyOptions & { id?: string } = {}): Promise<PtySession> {
  const session = terminal(["sh"], options);
  await session.waitFor(/\/ # /);
  return session;
}

describe("ctr run -t", () => {
  it("gives the process a terminal on all three descriptors", async () => {
    const session = terminal(["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo yes >/dev/tty"]);
    expect(await session.exitCode).toBe(0);
    expect(session.output.trim()).toBe("yes");
  });

  it("shows the window's size and follows its changes", async () => {
    const session = await shell({ columns: 91, rows: 33 });
    await expect.poll(() => askSize(session), { timeout: 20_000 }).toBe("33 91");
    await expect.poll(() => sizeAfterResize(session, 70, 20), { timeout: 20_000 }).toBe("20 70");
    session.write("exit\r");
    expect(await session.exitCode).toBe(0);
  });

  it("tells the process of a changed window", async () => {
    const script = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.1; done";
    const session = terminal(["sh", "-c", script], { columns: 91, rows: 33 });
    await session.waitFor(/ready/);
    const resize = () => {
      changeSize(session, 70, 20);
      return session.output;
    };
    await expect.poll(resize, { timeout: 20_000 }).toMatch(/ready\s+\d+ \d+\s/);
    expect(await session.exitCode).toBe(0);
  });

  it("interrupts with ^C and ends input with ^D", async () => {
    const session = await shell();
    await startJob(session, "sleep 1000");
    session.write("\x03");
    await session.waitFor(/\/ # /);
    session.write("echo code $?\r");
    await session.waitFor(/code 130\r+\n/);
    session.write("echo go''ing; cat; echo af''ter\r");
    await session.waitFor(/going\r+\n/);
    session.write("\x04");
    await session.waitFor(/after\r+\n/);
    session.write("exit 5\r");
    expect(await session.exitCode).toBe(5);
  });

  it("has job control", async () => {
    const session = await shell();
    expect(session.output).not.toContain("job control turned off");
    await startJob(session, "sleep 1000");
    session.write("\x1a");
    await session.waitFor(/\[1\]\+ +Stopped/);
    session.write("bg\r");
    // The shell loses what it prints in the moment in which it hears of its job.
    const isRunning = () => answers(session, "jobs\r", /\[1\]\+ +Running/);
    await expect.poll(isRunning, { timeout: 20_000 }).toBe(true);
    session.write("kill %1; wait %1; echo code $?\r");
    await session.waitFor(/code 143\r+\n/);
    // What the job reads shows that it, and no longer the shell, has the terminal: only then does ^C reach it.
    await startJob(session, "cat");
    session.write("\x1a");
    await session.waitFor(/\[1\]\+ +Stopped/);
    session.write("fg\r");
    await expect.poll(() => isReadBack(session), { timeout: 20_000 }).toBe(true);
    session.write("\x03");
    await session.waitFor(/\/ # /);
    session.write("echo code $?; jobs; echo no''ne\r");
    await session.waitFor(/code 130\r+\nnone\r+\n/);
    session.write("exit 0\r");
    expect(await session.exitCode).toBe(0);
  });

  it("shows all output before it ends, and the exit code", async () => {
    const session = terminal(["sh", "-c", "seq 1 20000; exit 3"]);
    expect(await session.exitCode).toBe(3);
    const lines = session.output.split(/\r*\n/);
    expect(lines.length).toBe(20_001);
    expect(lines[19_999]).toBe("20000");
  });

  it("shows 128 and the number when the process dies of a signal", async () => {
    const id = uniqueId();
    const session = terminal(["sh", "-c", "echo ready; exec sleep 1000"], { id });
    await session.waitFor(/ready/);
    await ctr.ok(["task", "kill", "-s", "SIGKILL", id]);
    expect(await session.exitCode).toBe(137);
  });

  it("leaves the container running when the window is closed, and attaches again", async () => {
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const session = ctr.pty(ctr.runArguments(["sh"], { id }, "-t"));
    await session.waitFor(/\/ # /);
    session.hangUp();
    await session.exitCode;
    expect((await ctr.tasks()).find((task) => task.id === id)).toMatchObject({ status: "RUNNING" });
    const again = ctr.pty(["task", "attach", id], { columns: 101, rows: 41 });
    await expect.poll(() => askSize(again), { timeout: 20_000 }).toBe("41 101");
    again.write("exit 8\r");
    expect(await again.exitCode).toBe(8);
  });
});

describe("ctr task exec -t", () => {
  it("has a terminal of its own with size, ^C and code", async () => {
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    const exec = ["task", "exec", "-t", "--exec-id", uniqueId("x"), id, "sh"];
    const session = ctr.pty(exec, { columns: 77, rows: 21 });
    await session.waitFor(/\/ # /);
    await expect.poll(() => askSize(session), { timeout: 20_000 }).toBe("21 77");
    await expect.poll(() => sizeAfterResize(session, 66, 11), { timeout: 20_000 }).toBe("11 66");
    await startJob(session, "sleep 1000");
    session.write("\x03");
    await session.waitFor(/\/ # /);
    session.write("exit 12\r");
    expect(await session.exitCode).toBe(12);
  });
});

describe("a terminal over the API", () => {
  it("has the spec's size from the start", async () => {
    const args = ["stty", "size"];
    const spec = jailSpec({ rootfs, args, terminal: true, consoleSize: { width: 123, height: 45 } });
    const container = await ApiContainer.create(api, spec);
    expect(await container.finish()).toMatchObject({ exitCode: 0, stdout: "45 123\r\n" });
  });

  it("takes a resize before the start, and ignores one without a terminal or after the end", async () => {
    const spec = jailSpec({ rootfs, args: ["stty", "size"], terminal: true });
    const container = await ApiContainer.create(api, spec);
    const resize = { containerId: container.id, width: 55, height: 22 };
    await api.tasks.resizePty(resize);
    expect(await container.finish()).toMatchObject({ exitCode: 0, stdout: "22 55\r\n" });
    await api.tasks.resizePty(resize);
    await container.delete();
    const plain = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    await api.tasks.resizePty({ ...resize, containerId: plain.id });
    expect((await plain.state()).status).toBe("RUNNING");
  });
});

/** The size that a shell on the terminal sees, as `stty size` writes it; asked again when a redraw came in between. */
async function askSize(session: PtySession): Promise<string> {
  session.write("stty size\r");
  const [, size = ""] = await session.waitFor(/stty size\r+\n(?:.*\r+\n)*?(\d+ \d+)\r+\n/, 2000);
  return size;
}

/** Starts a job from a shell's prompt; it is in the foreground when this resolves. */
async function startJob(session: PtySession, command: string): Promise<void> {
  // The quotes keep the echo of what is typed from looking like the job's own word. With a signal the kernel throws away
  // what is on its way to the screen, the next prompt too when it is quick: noflsh has it leave that.
  session.write(`stty noflsh; sh -c 'echo go""ing; exec ${command}'\r`);
  await session.waitFor(/going\r+\n/);
}

/** Whether a `cat` on the terminal reads what is typed; a line that came too early is lost to the shell's own mode. */
function isReadBack(session: PtySession): Promise<boolean> {
  return answers(session, "typed\r", /typed\r+\n(?:typed\r+)*typed\r+\n/);
}

/** Whether something comes of what is typed, within a second. */
function answers(session: PtySession, keys: string, pattern: RegExp): Promise<boolean> {
  session.write(keys);
  return session.waitFor(pattern, 1000).then(
    () => true,
    () => false,
  );
}

/** ctr follows its window only some time after the start, and is told of changes only: so there are always two. */
function changeSize(session: PtySession, columns: number, rows: number): void {
  session.resize(columns + 1, rows);
  session.resize(columns, rows);
}

function sizeAfterResize(session: PtySession, columns: number, rows: number): Promise<string> {
  changeSize(session, columns, rows);
  return askSize(session);
}
