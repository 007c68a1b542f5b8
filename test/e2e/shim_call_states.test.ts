import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Code, RundError } from "../../src/common/error.ts";
import { Status } from "../../src/proto/generated/containerd/types/task.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { TaskShim } from "./support/task_shim.ts";

const { rootfs, census } = shared();
expectNothingLeft(census);

let shim: TaskShim;
beforeAll(async () => {
  shim = await TaskShim.start();
});
afterAll(() => shim.stop());

/** One container at a time, so that with every mount driver all can have the same root. */
let id: string;
beforeEach(() => {
  id = uniqueId("state");
});
afterEach(async () => {
  await shim.kill(id).catch(() => undefined);
  await shim.wait(id).catch(() => undefined);
  await shim.delete(id).catch(() => undefined);
});

const states = ["created", "running", "paused", "stopped", "deleted"] as const;
type State = (typeof states)[number];
/** What a call does: the name of an error's code, or "ok", or "waits" for one that is not answered in this state. */
type Outcome = keyof typeof Code | "ok" | "waits";
type Row = readonly [name: string, call: () => Promise<unknown>, ...outcomes: Outcome[]];

const sleeper = ["sleep", "1000"];
const limit = JSON.stringify({ memory: { limit: 1 << 20 } });

const bringInit: Readonly<Record<State, () => Promise<unknown>>> = {
  created: () => shim.create(id, rootfs, sleeper),
  running: async () => {
    await bringInit.created();
    await shim.start(id);
  },
  paused: async () => {
    await bringInit.running();
    await shim.pause(id);
  },
  stopped: async () => {
    await bringInit.running();
    await shim.kill(id);
    await shim.wait(id);
  },
  deleted: async () => {
    await bringInit.stopped();
    await shim.delete(id);
  },
};

const bringExec: Readonly<Record<State, () => Promise<unknown>>> = {
  created: async () => {
    await bringInit.running();
    await shim.exec(id, "x", sleeper);
  },
  running: async () => {
    await bringExec.created();
    await shim.start(id, "x");
  },
  paused: async () => {
    await bringExec.running();
    await shim.pause(id);
  },
  stopped: async () => {
    await bringExec.running();
    await shim.kill(id, "x");
    await shim.wait(id, "x");
  },
  deleted: async () => {
    await bringExec.stopped();
    await shim.delete(id, "x");
  },
};

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  const answered = call.then(
    () => "ok",
    (error: unknown) => {
      const { code, message } = RundError.from(error);
      const name = Object.entries(Code).find(([, value]) => value === code)?.[0];
      // Clients' logs show nothing else, so the text has to name what it is about.
      expect(message).toMatch(/^[^:]+: \S/);
      return name ?? String(code);
    },
  );
  return Promise.race([answered, delay(300, "waits", { ref: false })]);
}

const no = "notFound";
const wrong = "failedPrecondition";
const taken = "alreadyExists";

/** Columns as in `states`. */
const initRows: readonly Row[] = [
  ["State", () => shim.state(id), "ok", "ok", "ok", "ok", no],
  ["Create", () => shim.create(id, rootfs, sleeper), taken, taken, taken, taken, "ok"],
  ["Start", () => shim.start(id), "ok", wrong, wrong, wrong, no],
  ["Delete", () => shim.delete(id), "ok", wrong, wrong, "ok", no],
  ["Pids", () => shim.pids(id), "ok", "ok", "ok", "ok", no],
  ["Pause", () => shim.pause(id), wrong, "ok", wrong, wrong, no],
  ["Resume", () => shim.resume(id), wrong, wrong, "ok", wrong, no],
  ["Checkpoint", () => shim.checkpoint(id), ...both("unimplemented"), ...both("unimplemented"), no],
  ["Kill", () => shim.kill(id), "ok", "ok", "ok", no, no],
  ["Kill with all", () => shim.kill(id, "", 9, true), "ok", "ok", "ok", no, no],
  ["Kill with TERM", () => shim.kill(id, "", 15), "ok", "ok", "ok", no, no],
  ["Kill with 0", () => shim.kill(id, "", 0), "ok", "ok", "ok", no, no],
  ["Exec", () => shim.exec(id, "new", sleeper), "ok", "ok", wrong, wrong, no],
  ["ResizePty", () => shim.resizePty(id), "ok", "ok", "ok", "ok", no],
  ["CloseIO", () => shim.closeIo(id), "ok", "ok", "ok", "ok", no],
  ["Update with nothing", () => shim.update(id, "{}"), "ok", "ok", "ok", wrong, no],
  ["Update with a limit", () => shim.update(id, limit), ...both("unimplemented"), "unimplemented", wrong, no],
  ["Wait", () => shim.wait(id), "waits", "waits", "waits", "ok", no],
  ["Stats", () => shim.stats(id), "ok", "ok", "ok", "ok", no],
  ["Connect", () => shim.connect(id), "ok", "ok", "ok", "ok", "ok"],
];

const execRows: readonly Row[] = [
  ["State", () => shim.state(id, "x"), "ok", "ok", "ok", "ok", no],
  ["Start", () => shim.start(id, "x"), "ok", wrong, wrong, wrong, no],
  ["Delete", () => shim.delete(id, "x"), "ok", wrong, wrong, "ok", no],
  ["Kill", () => shim.kill(id, "x"), wrong, "ok", "ok", no, no],
  ["Exec", () => shim.exec(id, "x", sleeper), taken, taken, wrong, taken, "ok"],
  ["ResizePty", () => shim.resizePty(id, "x"), "ok", "ok", "ok", "ok", no],
  ["CloseIO", () => shim.closeIo(id, "x"), "ok", "ok", "ok", "ok", no],
  ["Wait", () => shim.wait(id, "x"), "waits", "waits", "waits", "ok", no],
];

function both(outcome: Outcome): [Outcome, Outcome] {
  return [outcome, outcome];
}

function cases(rows: readonly Row[]) {
  return rows.flatMap(([name, call, ...outcomes]) =>
    states.map((state, column) => ({ name, call, state, outcome: outcomes[column] })),
  );
}

const statusOf = {
  created: Status.CREATED,
  running: Status.RUNNING,
  paused: Status.PAUSED,
  stopped: Status.STOPPED,
};

describe("a call to an init", () => {
  it.each(cases(initRows))("$name, $state: $outcome", async ({ call, state, outcome }) => {
    await bringInit[state]();
    expect(await outcomeOf(call())).toBe(outcome);
  });
});

describe("a call to an exec", () => {
  it.each(cases(execRows))("$name, $state: $outcome", async ({ call, state, outcome }) => {
    await bringExec[state]();
    expect(await outcomeOf(call())).toBe(outcome);
  });
});

describe("State", () => {
  it.each(["created", "running", "paused", "stopped"] as const)(
    "says so of an init that is %s",
    async (state) => {
      await bringInit[state]();
      const answer = await shim.state(id);
      expect(answer).toMatchObject({ id, status: statusOf[state], execId: "" });
      expect(answer.pid).toBeGreaterThan(0);
      expect(answer.exitStatus).toBe(state === "stopped" ? 137 : 0);
      expect(answer.exitedAt === undefined).toBe(state !== "stopped");
    },
  );

  it.each(["created", "running", "paused", "stopped"] as const)(
    "says so of an exec that is %s",
    async (state) => {
      await bringExec[state]();
      const answer = await shim.state(id, "x");
      expect(answer).toMatchObject({ id: "x", status: statusOf[state], execId: "x" });
      expect(answer.pid > 0).toBe(state !== "created");
      expect(answer.exitStatus).toBe(state === "stopped" ? 137 : 0);
    },
  );
});

describe("what is wrong in every state", () => {
  it("is a signal that does not exist", async () => {
    await bringInit.running();
    expect(await outcomeOf(shim.kill(id, "", 65))).toBe("invalidArgument");
    expect(await outcomeOf(shim.kill(id, "", 100_000))).toBe("invalidArgument");
    expect((await shim.state(id)).status).toBe(Status.RUNNING);
  });

  it("is an exec's id that can be no name", async () => {
    await bringInit.running();
    expect(await outcomeOf(shim.exec(id, "", sleeper))).toBe("invalidArgument");
    expect(await outcomeOf(shim.exec(id, "../x", sleeper))).toBe("invalidArgument");
  });

  it("is an update that is no resources document", async () => {
    await bringInit.running();
    expect(await outcomeOf(shim.update(id, "{"))).toBe("invalidArgument");
    expect(await outcomeOf(shim.update(id, "[]"))).toBe("invalidArgument");
    expect(await outcomeOf(shim.update(id, "{}", "WindowsResources"))).toBe("invalidArgument");
  });
});

it("an update names all that a jail cannot do", async () => {
  await bringInit.running();
  const resources = JSON.stringify({ memory: { limit: 5, swap: -1 }, cpu: { quota: 3 }, pids: { limit: 0 } });
  await expect(shim.update(id, resources)).rejects.toThrow(
    "update: memory.limit, cpu.quota: a jail has no cgroup",
  );
});

it("a second start of an exec starts nothing", async () => {
  await bringExec.running();
  const { pid } = await shim.state(id, "x");
  await expect(shim.start(id, "x")).rejects.toMatchObject({ code: Code.failedPrecondition });
  const { processes } = await shim.pids(id);
  expect(processes).toHaveLength(2);
  expect((await shim.state(id, "x")).pid).toBe(pid);
});

it("an exec that is deleted before its start lets go of those who wait for it", async () => {
  await bringExec.created();
  const waiting = shim.wait(id, "x");
  await shim.delete(id, "x");
  expect((await waiting).exitStatus).toBe(0);
});

it("an exec may not start while the container is paused, and may after it", async () => {
  await bringExec.created();
  await shim.pause(id);
  expect(await outcomeOf(shim.start(id, "x"))).toBe("failedPrecondition");
  await shim.resume(id);
  expect(await outcomeOf(shim.start(id, "x"))).toBe("ok");
});

it("a shim that has a container does not shut down", async () => {
  await bringInit.created();
  await shim.shutdown();
  expect((await shim.connect(id)).shimPid).toBe(shim.pid);
});

it("Connect of a container that is not there tells the shim's pid", async () => {
  expect(await shim.connect("nobody")).toMatchObject({ shimPid: shim.pid, taskPid: 0 });
});

it("a Delete that comes while Create is under way waits for it, so that nothing stays of what a client gave up", async () => {
  await shim.writeBundle(id, rootfs, sleeper);
  const creating = shim.createFromBundle(id);
  const deleted = await shim.delete(id);
  expect(deleted).toMatchObject({ pid: await creating, exitStatus: 137 });
  await expect(shim.state(id)).rejects.toMatchObject({ code: Code.notFound });
});
