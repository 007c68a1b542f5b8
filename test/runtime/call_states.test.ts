import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { OciRuntime } from "./support/oci_runtime.ts";
import { outcome } from "./support/outcome.ts";
import { containerId, makeBundle, runtimes } from "./support/runtimes.ts";

const own = runtimes();
const states = ["created", "running", "paused", "stopped"] as const;
type State = (typeof states)[number];
type Call = readonly string[];

/** What leaves a container as it is: all can be asked of one and the same. */
const questions: readonly Call[] = [
  ["kill", "ID", "0"],
  ["kill", "ID", "NONSENSE"],
  ["ps", "--format", "json", "ID"],
  ["exec", "ID", "true"],
  ["exec", "ID", "sh", "-c", "exit 5"],
  ["exec", "ID", "no-such-program"],
  ["exec", "ID", "/etc/passwd"],
  ["exec", "--user", "1000:100", "ID", "id", "-u"],
  ["exec", "--cwd", "/no/such/folder", "ID", "pwd"],
  ["update", "ID"],
  ["list", "--quiet"],
  ["list", "--format", "json"],
];

const changes: readonly Call[] = [
  ["start", "ID"],
  ["kill", "ID"],
  ["kill", "--all", "ID", "KILL"],
  ["delete", "ID"],
  ["delete", "--force", "ID"],
  ["pause", "ID"],
  ["resume", "ID"],
];

/** Where rund answers otherwise, and why. */
const differences: Readonly<Record<string, string>> = {
  "created pause ID": "what waits for its start has nothing to stop",
};

/** What clients look for in the text of an error. */
const readByClients = [
  "container does not exist",
  "container not running",
  "container not paused",
  "cannot delete container",
  "executable file not found in $PATH",
];

async function answer(runtime: OciRuntime, id: string, call: Call) {
  const { exitCode, stdout, error } = await outcome(runtime, call, id);
  const read = readByClients.find((text) => error.includes(text));
  return { call: call.join(" "), exitCode, stdout, failed: error !== "", read };
}

async function answers(runtime: OciRuntime, id: string, calls: readonly Call[]) {
  const list = [];
  for (const call of calls) list.push(await answer(runtime, id, call));
  return list;
}

/** Makes a container and brings it into a state. */
async function bring(runtime: OciRuntime, id: string, state: State): Promise<void> {
  // In a pid namespace of its own, as with runc, the first process gets no signal that it does not handle.
  const bundle = await makeBundle(own, "trap 'exit 0' TERM; sleep 1000 & while :; do wait; done");
  await runtime.create(id, bundle);
  if (state === "created") return;
  await runtime.ok(["start", id]);
  await expect.poll(() => countProcesses(runtime, id), { timeout: 10_000 }).toBe(2);
  if (state === "paused") await runtime.ok(["pause", id]);
  if (state === "stopped") await runtime.ok(["kill", id, "KILL"]);
  if (state === "stopped") expect(await statusAfter(runtime, id, "kill")).toBe("stopped");
}

async function countProcesses(runtime: OciRuntime, id: string): Promise<number> {
  const { stdout } = await runtime.ok(["ps", "--format", "json", id]);
  return (JSON.parse(stdout) as unknown[]).length;
}

/** What has become of a container: a signal takes its time. */
async function statusAfter(runtime: OciRuntime, id: string, call: string): Promise<string> {
  const status = async () => {
    const { exitCode, stdout } = await runtime.run(["state", id]);
    return exitCode === 0 ? (JSON.parse(stdout) as { status: string }).status : "missing";
  };
  const deadline = Date.now() + 3000;
  while (call.startsWith("kill") && Date.now() < deadline && (await status()) !== "stopped") await delay(20);
  return status();
}

/** Does the same with both, under the same id, and answers what came of it. */
async function withBoth<T>(work: (runtime: OciRuntime, id: string) => Promise<T>) {
  const id = containerId(own.rund, own.runc);
  const [expected, actual] = await Promise.all([own.runc, own.rund].map((runtime) => work(runtime, id)));
  return { expected, actual };
}

describe("a container that there is none of", () => {
  it("is answered for as runc answers", async () => {
    const calls = [...questions, ...changes];
    const { actual, expected } = await withBoth((runtime, id) => answers(runtime, id, calls));
    expect(actual).toEqual(expected);
  });
});

describe.each(states)("a container that is %s", (state) => {
  it("is answered for as runc answers", async () => {
    const { actual, expected } = await withBoth(async (runtime, id) => {
      await bring(runtime, id, state);
      return answers(runtime, id, questions);
    });
    expect(actual).toEqual(expected);
  });

  it.each(changes.map((call) => [call.join(" "), call] as const))(
    "becomes the same by %s",
    async (name, call) => {
      const { actual, expected } = await withBoth(async (runtime, id) => {
        await bring(runtime, id, state);
        const said = await answer(runtime, id, call);
        return { ...said, status: await statusAfter(runtime, id, said.failed ? "" : name) };
      });
      if (differences[`${state} ${name}`] === undefined) expect(actual).toEqual(expected);
      else expect(actual).not.toEqual(expected);
    },
  );
});
