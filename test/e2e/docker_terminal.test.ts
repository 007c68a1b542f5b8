import { expect, it, onTestFinished } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import type { PtySession } from "../harness/pty_session.ts";
import { shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const prompt = /# $/;
/**
 * Says when it is in front: keys typed while the shell still reads its line would be the shell's. With a signal the kernel
 * throws away what is on its way to the screen, the next prompt too when it is quick: noflsh has it leave that.
 */
const sleeper = `stty noflsh; sh -c 'echo in""front; exec sleep 1000'\r`;

/** `docker run -it` on a terminal of 80 columns and 24 rows. */
function runOnTerminal(args: readonly string[]): PtySession {
  const name = uniqueId("terminal");
  onTestFinished(() => docker.remove(name));
  return docker.pty(docker.runArguments(args, {}, "--rm", "-it", "--name", name), { columns: 80, rows: 24 });
}

/** Until the container has seen it: docker's client misses a change that comes while it still sets itself up. */
async function resize(session: PtySession, columns: number, rows: number, seen: RegExp): Promise<void> {
  let changes = 0;
  const change = (): void => session.resize(columns - (changes++ % 2), rows);
  change();
  const timer = setInterval(change, 1000);
  await session.waitFor(seen).finally(() => clearInterval(timer));
}

it("is a shell with job control", async () => {
  const session = runOnTerminal(["sh"]);
  await session.waitFor(prompt);
  session.write(sleeper);
  await session.waitFor(/infront\r\n/);
  session.write("\x1a");
  await session.waitFor(/Stopped/);
  await session.waitFor(prompt);
  session.write("kill %1; fg; exit 3\r");
  expect(await session.exitCode).toBe(3);
  expect(session.output).not.toContain("job control turned off");
});

it("has the client's size from the first moment and follows it", async () => {
  const wait = 'while [ "$(stty size)" != "30 100" ]; do sleep 0.1; done';
  const session = runOnTerminal(["sh", "-c", `stty size; ${wait}; echo resized`]);
  await session.waitFor(/^24 80\r\n/);
  await resize(session, 100, 30, /resized\r\n/);
  expect(await session.exitCode).toBe(0);
});

it("turns ^C into an interrupt of the program in front", async () => {
  const session = runOnTerminal(["sh"]);
  await session.waitFor(prompt);
  session.write(sleeper);
  await session.waitFor(/infront\r\n/);
  session.write("\x03");
  await session.waitFor(prompt);
  session.write("echo code=$?\r");
  await session.waitFor(/code=130\r\n/);
  await session.waitFor(prompt);
  session.write("exit 2\r");
  expect(await session.exitCode).toBe(2);
});

it("turns ^D into the end of standard input", async () => {
  const session = runOnTerminal(["sh", "-c", "echo ready; cat; echo end"]);
  await session.waitFor(/ready\r\n/);
  session.write("\x04");
  await session.waitFor(/end\r\n/);
  expect(await session.exitCode).toBe(0);
});

it("is what the program sees on all three descriptors", async () => {
  const session = runOnTerminal(["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && tty && echo $TERM"]);
  expect(await session.exitCode).toBe(0);
  expect(session.output).toMatch(/^\/dev\/(console|pts\/\d+)\r\nxterm\r\n$/);
});

it("loses no last line", async () => {
  for (let round = 0; round < 5; round += 1) {
    const session = runOnTerminal(["sh", "-c", "seq 1000; echo last"]);
    expect(await session.exitCode).toBe(0);
    expect(session.output.split("\r\n").slice(-3)).toEqual(["1000", "last", ""]);
  }
});

it("is left with ^P^Q and found again by attach", async () => {
  const container = await DockerContainer.create(docker, ["sh"], { flags: ["-it"] });
  const first = docker.pty(["start", "--attach", "--interactive", container.id]);
  await first.waitFor(prompt);
  first.write("kept=here\r");
  await first.waitFor(prompt);
  first.write("\x10\x11");
  expect(await first.exitCode).toBe(0);
  expect((await container.state()).Running).toBe(true);

  const second = docker.pty(["attach", container.id]);
  second.write("\recho $kept again\r");
  await second.waitFor(/here again\r\n/);
  second.write("exit 6\r");
  expect(await second.exitCode).toBe(6);
  expect(await container.wait()).toBe(6);
});

it("belongs to an exec of its own too", async () => {
  const container = await DockerContainer.start(docker, ["sleep", "1000"]);
  const session = docker.pty(["exec", "-it", container.id, "sh"], { columns: 90, rows: 20 });
  await session.waitFor(prompt);
  session.write('while [ "$(stty size)" != "20 90" ]; do sleep 0.1; done; echo si""zed\r');
  await session.waitFor(/sized\r\n/);
  session.write('while [ "$(stty size)" != "31 101" ]; do sleep 0.1; done; echo resi""zed\r');
  await resize(session, 101, 31, /resized\r\n/);
  session.write(sleeper);
  await session.waitFor(/infront\r\n/);
  session.write("\x03");
  await session.waitFor(prompt);
  session.write("tty && exit 8\r");
  expect(await session.exitCode).toBe(8);
  expect((await container.state()).Running).toBe(true);
});
