import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { ApiContainer } from "../e2e/support/api_container.ts";
import { processState, shimPid } from "../e2e/support/host_processes.ts";
import { jailSpec } from "../e2e/support/jail_spec.ts";
import type { BackgroundCommand } from "../harness/background_command.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";

const { api, census, ctr } = shared();
expectNothingLeft(census);

/** How long a call may take while a client holds its container up, in milliseconds. */
const promptly = 5_000;

/** A terminal's relay gives its client ten seconds for the rest, and only then its process has ended for all others. */
const relayPatience = 15_000;

/** Numbers its lines, so that what is missing or doubled is seen. */
const chatter = "i=0; while [ $i -lt 60000 ]; do echo $i; i=$((i+1)); done; echo done";

/** Makes the reader of an output stop, and go on when the test ends at the latest. */
function stopReader(container: ApiContainer): BackgroundCommand {
  const reader = container.stdio?.stdout;
  if (reader === undefined) throw new Error("container: it has no output");
  reader.kill("SIGSTOP");
  onTestFinished(() => reader.kill("SIGCONT"));
  return reader;
}

/** Resolves once the process waits, in a write that nobody takes. */
async function untilBlocked(pid: number): Promise<void> {
  const isBlocked = () =>
    /pipe_wait|pipe_write|n_tty_write|wait_woken|anon_pipe_write/.test(waitChannel(pid));
  await expect.poll(isBlocked, { timeout: 20_000, message: `waits in ${waitChannel(pid)}` }).toBe(true);
}

function waitChannel(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/wchan`, "utf8");
  } catch {
    return "nothing";
  }
}

function privateMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Fails when a call takes longer than it may. */
async function prompt<T>(call: Promise<T>, limit = promptly): Promise<T> {
  const began = performance.now();
  const answer = await call;
  expect(performance.now() - began).toBeLessThan(limit);
  return answer;
}

describe.each([false, true])("a reader that stops (terminal: %s)", (terminal) => {
  const run = async () => {
    const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sh", "-c", chatter], terminal });
    const container = await ApiContainer.create(api, spec);
    const reader = stopReader(container);
    await container.start();
    const { pid } = await container.state();
    await untilBlocked(pid);
    return { container, reader, pid };
  };

  it("gets everything when it goes on, and nothing of it is kept in the shim meanwhile", async () => {
    const { container, reader, pid } = await run();
    const shim = shimPid(container.id);
    const before = privateMemory(shim);
    const exec = await container.exec(["echo", "hello"]);
    expect(await prompt(exec.finish())).toMatchObject({ exitCode: 0, stdout: "hello\n" });
    expect(processState(pid)).toBe("S");
    expect(privateMemory(shim)).toBeLessThan(before + 4096);
    reader.kill("SIGCONT");
    const numbers = Array.from({ length: 60_000 }, (_, line) => `${line}\n`).join("");
    const { stdout } = await container.output();
    expect(stdout.replaceAll("\r", "")).toBe(`${numbers}done\n`);
    expect(await container.wait()).toMatchObject({ exitStatus: 0 });
    await prompt(container.delete());
  });

  it("holds neither the end nor the delete of its container up", async () => {
    const { container } = await run();
    const ended = container.wait();
    await prompt(container.kill(9));
    const limit = terminal ? relayPatience : promptly;
    expect(await prompt(ended, limit)).toMatchObject({ exitStatus: 137 });
    expect(await prompt(container.delete())).toMatchObject({ exitStatus: 137 });
  });
});

describe("a client that vanishes", () => {
  it.each([
    ["in a terminal", true],
    ["without one", false],
  ])("while its container writes, %s, leaves it to other clients", async (_where, terminal) => {
    const id = uniqueId("vanish");
    onTestFinished(() => ctr.remove(id));
    const script = `while :; do echo line; ${terminal ? "sleep 0.1; " : ""}done`;
    const args = ctr.runArguments(["sh", "-c", script], { id }, ...(terminal ? ["-t"] : []));
    if (terminal) {
      const session = ctr.pty(args);
      await session.waitFor(/line/);
      session.hangUp();
      await session.exitCode;
    } else {
      const client = ctr.spawn(args);
      await client.waitFor(/line/);
      client.kill("SIGKILL");
      await client.result;
    }
    expect((await ctr.tasks()).find((task) => task.id === id)).toMatchObject({ status: "RUNNING" });
    const exec = await prompt(ctr.ok(["task", "exec", "--exec-id", "e", id, "echo", "hello"]));
    expect(exec.stdout).toBe("hello\n");
    await prompt(ctr.ok(["task", "kill", "--signal", "SIGKILL", id]));
    const state = async () => (await ctr.tasks()).find((task) => task.id === id)?.status;
    await expect.poll(state, { timeout: promptly }).toBe("STOPPED");
    await prompt(ctr.run(["task", "rm", id]));
    expect(await state()).toBeUndefined();
  });

  it("in the middle of an exec leaves the container as it is", async () => {
    const id = uniqueId("vanish");
    onTestFinished(() => ctr.remove(id));
    await ctr.startContainer(["sleep", "1000"], { id });
    const client = ctr.spawn(["task", "exec", "--exec-id", "a", id, "sh", "-c", "echo up; exec sleep 1000"]);
    await client.waitFor(/up/);
    client.kill("SIGKILL");
    await client.result;
    const exec = await prompt(ctr.ok(["task", "exec", "--exec-id", "b", id, "echo", "hello"]));
    expect(exec.stdout).toBe("hello\n");
    await prompt(ctr.ok(["task", "kill", "--signal", "SIGKILL", id]));
  });
});
