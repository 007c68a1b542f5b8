import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { EventSubscription } from "../harness/event_subscription.ts";
import { copyRootfs, shared } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, rootfs } = shared();

let events: EventSubscription;

beforeEach(async () => {
  events = await api.subscribe();
  onTestFinished(() => events.close());
});

/** The events of one container so far, each as its topic and the process it is about. */
function seenOf(containerId: string): string[] {
  return events.seen
    .filter(({ event }) => event["containerId"] === containerId)
    .map(({ topic, event }) => {
      const process = topic === "/tasks/exit" ? event["id"] : event["execId"];
      return process ? `${topic} ${process}` : topic;
    });
}

/** Waits for containerd to have seen the container's end and its deletion. */
async function waitForDelete(containerId: string): Promise<void> {
  await events.waitFor(
    ({ topic, event }) => topic === "/tasks/delete" && event["containerId"] === containerId,
  );
}

describe("a container's events", () => {
  it("come once each and in order, with ids, pids and times", async () => {
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["sh", "-c", "exit 3"] }));
    const { id } = container;
    await container.finish();
    const { exitedAt } = await container.delete();
    await waitForDelete(id);
    expect(seenOf(id)).toEqual(["/tasks/create", "/tasks/start", `/tasks/exit ${id}`, "/tasks/delete"]);
    const [create, start, exit, end] = events.seen.filter(({ event }) => event["containerId"] === id);
    const pid = start?.event["pid"];
    expect(pid).toBeGreaterThan(0);
    const { stdout, stderr } = container.stdio?.request ?? {};
    expect(create?.event).toMatchObject({ pid, io: { stdin: "", stdout, stderr, terminal: false } });
    expect(create?.event["bundle"]).toMatch(new RegExp(`/${id}$`));
    expect(exit?.event).toMatchObject({ id, pid, exitStatus: 3, exitedAt });
    expect(end?.event).toMatchObject({ pid, exitStatus: 3, exitedAt });
    for (const { namespace, timestamp } of events.seen) {
      expect(namespace).toBe("rund");
      expect(timestamp.seconds).toBeGreaterThan(1_700_000_000);
    }
  });

  it("have the start before the exit, also when the process ends at once", async () => {
    for (let round = 0; round < 20; round++) {
      const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["true"] }), {
        nullIo: true,
      });
      await container.finish();
      await container.delete();
      await waitForDelete(container.id);
      expect(seenOf(container.id)).toEqual([
        "/tasks/create",
        "/tasks/start",
        `/tasks/exit ${container.id}`,
        "/tasks/delete",
      ]);
    }
  });

  it("show 137 for a killed init", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    await container.kill(9);
    const exit = await events.waitFor(({ topic, event }) => {
      return topic === "/tasks/exit" && event["containerId"] === container.id;
    });
    expect(exit.event).toMatchObject({ id: container.id, exitStatus: 137 });
  });
});

describe("an exec's events", () => {
  it("come once each and in order", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const exec = await container.exec(["sh", "-c", "exit 4"], { execId: "one", nullIo: true });
    await exec.finish();
    const { id } = container;
    const exit = await events.waitFor(({ topic, event }) => topic === "/tasks/exit" && event["id"] === "one");
    expect(exit.event).toMatchObject({ containerId: id, exitStatus: 4 });
    expect(seenOf(id).slice(2)).toEqual([
      "/tasks/exec-added one",
      "/tasks/exec-started one",
      "/tasks/exit one",
    ]);
    const started = events.seen.find(({ topic }) => topic === "/tasks/exec-started");
    expect(started?.event["pid"]).toBe(exit.event["pid"]);
  });

  it("have the start before the exit, also when the process ends at once", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    for (let round = 0; round < 30; round++) {
      const execId = `quick-${round}`;
      await (await container.exec(["true"], { execId, nullIo: true })).finish();
      await events.waitFor(({ topic, event }) => topic === "/tasks/exit" && event["id"] === execId);
      const own = seenOf(container.id).filter((entry) => entry.endsWith(` ${execId}`));
      expect(own).toEqual([
        `/tasks/exec-added ${execId}`,
        `/tasks/exec-started ${execId}`,
        `/tasks/exit ${execId}`,
      ]);
    }
  });

  it.each([
    ["is killed", (container: ApiContainer) => container.kill(9)],
    ["ends by itself", async (container: ApiContainer) => container.stdio?.end()],
  ])("have every exit before the init's, when the init %s", async (_title, end) => {
    const root = await copyRootfs();
    const spec = jailSpec({ rootfs: root, args: ["sh", "-c", "echo ready; read -r x; exit 0"] });
    const container = await ApiContainer.run(api, spec, { stdin: true });
    await container.stdio?.stdout.waitFor(/ready/);
    // Opens the client's end, so that closing it is what ends the input.
    const execIds = Array.from({ length: 5 }, (_, index) => `long-${index}`);
    for (const execId of execIds) {
      const args =
        execId === "long-0" ? ["setsid", "sh", "-c", 'trap "" TERM; sleep 1000'] : ["sleep", "1000"];
      await (await container.exec(args, { execId, nullIo: true })).start();
    }
    const ended = container.wait();
    await end(container);
    await api.tasks.closeIO({ containerId: container.id, stdin: true }).catch(() => undefined);
    await ended;
    await container.delete();
    await waitForDelete(container.id);
    const exits = seenOf(container.id).filter((entry) => entry.startsWith("/tasks/exit"));
    expect(exits.slice(0, -1).sort()).toEqual(execIds.map((execId) => `/tasks/exit ${execId}`));
    expect(exits.at(-1)).toBe(`/tasks/exit ${container.id}`);
  });

  it("of a failed start are no start and no second exit", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const exec = await container.exec(["no-such-program"], { execId: "bad", nullIo: true });
    await expect(exec.start()).rejects.toThrow(/not found/);
    await (await container.exec(["true"], { execId: "good", nullIo: true })).finish();
    await events.waitFor(({ topic, event }) => topic === "/tasks/exit" && event["id"] === "good");
    const bad = seenOf(container.id).filter((entry) => entry.endsWith(" bad"));
    expect(bad).not.toContain("/tasks/exec-started bad");
    expect(bad.filter((entry) => entry.startsWith("/tasks/exit")).length).toBeLessThanOrEqual(1);
  });
});
