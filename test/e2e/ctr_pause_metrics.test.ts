import { expect, it, onTestFinished } from "vitest";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { ctr, rootfs, census, api } = shared();
expectNothingLeft(census);

async function start(args: readonly string[]): Promise<string> {
  const id = await ctr.startContainer(args, { rootfs });
  onTestFinished(() => ctr.remove(id));
  return id;
}

async function status(id: string): Promise<string | undefined> {
  return (await ctr.tasks()).find((task) => task.id === id)?.status;
}

it("ctr task pause and resume, with their events", async () => {
  const events = await api.subscribe();
  onTestFinished(() => events.close());
  const id = await start(["sleep", "1000"]);
  await ctr.ok(["task", "pause", id]);
  expect(await status(id)).toBe("PAUSED");
  await ctr.ok(["task", "resume", id]);
  expect(await status(id)).toBe("RUNNING");
  await events.waitFor(({ topic, event }) => topic === "/tasks/resumed" && event["containerId"] === id);
  const topics = events.seen.filter(({ event }) => event["containerId"] === id).map(({ topic }) => topic);
  expect(topics).toEqual(["/tasks/create", "/tasks/start", "/tasks/paused", "/tasks/resumed"]);
});

it("ctr task rm --force of a paused task", async () => {
  const id = await start(["sleep", "1000"]);
  await ctr.ok(["task", "pause", id]);
  await ctr.ok(["task", "rm", "--force", id]);
  expect(await status(id)).toBeUndefined();
});

it("ctr task metrics shows them by the names of cgroups", async () => {
  const id = await start(["sh", "-c", "sleep 1000 & while :; do :; done"]);
  const shown = async (name: string) => {
    const { stdout } = await ctr.ok(["task", "metrics", id]);
    return Number(new RegExp(`^${name}\\s+(\\d+)`, "m").exec(stdout)?.[1] ?? Number.NaN);
  };
  await expect.poll(() => shown("cpu.usage_usec"), { timeout: 10_000 }).toBeGreaterThan(50_000);
  expect(await shown("pids.current")).toBe(2);
  expect(await shown("memory.usage")).toBeGreaterThan(4096);
});
