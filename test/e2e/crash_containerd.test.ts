import { cp } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Daemons } from "../harness/daemons.ts";
import { shared } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { isAlive } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { mountDriver } = shared();

let world: Daemons;
let container: ApiContainer;

beforeAll(async () => {
  world = await Daemons.start({ docker: false, env: { RUND_MOUNT_DRIVER: mountDriver } });
  await cp(world.rootfs, `${world.folder}/created`, { recursive: true, verbatimSymlinks: true });
});

afterAll(() => world.stop());

/** Ends on a line of input with the code that the line says; says "alive" on an empty one. */
const obedient = 'echo ready; while read -r x; do case "$x" in "") echo alive;; *) exit "$x";; esac; done';

beforeEach(async () => {
  const spec = jailSpec({ rootfs: world.rootfs, args: ["sh", "-c", obedient] });
  container = await ApiContainer.run(world.api, spec, { stdin: true });
  await container.stdio?.stdout.waitFor(/ready/);
});

/** containerd dies without notice and comes back; `meanwhile` happens while it is away. */
async function crash(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  await world.containerd.kill();
  await meanwhile();
  await world.containerd.start();
  // The client's connection comes back by itself, but not at once.
  const answers = () =>
    world.api.tasks.list({}).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 20_000 }).toBe(true);
}

async function untilDead(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
}

describe("containerd killed and restarted under a container", () => {
  it("the task is still there, with its state, pid and stdio", async () => {
    const before = await container.state();
    await crash();
    expect(await container.state()).toEqual(before);
    expect(before.status).toBe("RUNNING");
    container.stdio?.write("\n");
    await container.stdio?.stdout.waitFor(/alive/);
  });

  it("exec works", async () => {
    await crash();
    const exec = await container.exec(["sh", "-c", "echo hi; exit 5"]);
    expect(await exec.finish()).toMatchObject({ exitCode: 5, stdout: "hi\n" });
  });

  it("its exit is seen with its code, and its event comes", async () => {
    await crash();
    const events = await world.api.subscribe();
    const ended = container.wait();
    container.stdio?.write("42\n");
    expect(await ended).toMatchObject({ exitStatus: 42 });
    const exit = await events.waitFor(({ topic, event }) => {
      return topic === "/tasks/exit" && event["containerId"] === container.id;
    });
    events.close();
    expect(exit.event).toMatchObject({ id: container.id, exitStatus: 42 });
    expect(await container.delete()).toMatchObject({ exitStatus: 42 });
  });

  it("an exec that ran on is still known, and ends with its code", async () => {
    const exec = await container.exec(["sh", "-c", "read -r x; exit 9"], { stdin: true });
    await exec.start();
    await crash();
    const ended = exec.wait();
    exec.stdio?.write("go\n");
    expect(await ended).toMatchObject({ exitStatus: 9 });
  });

  it("a task that ends meanwhile keeps its exit code", async () => {
    const { pid } = await container.state();
    await crash(async () => {
      container.stdio?.write("43\n");
      await untilDead(pid);
    });
    await expect.poll(async () => (await container.state()).status, { timeout: 10_000 }).toBe("STOPPED");
    expect(await container.wait()).toMatchObject({ exitStatus: 43 });
    expect(await container.delete()).toMatchObject({ exitStatus: 43 });
  });

  it("a task that was only created is still there and starts", async () => {
    const spec = jailSpec({ rootfs: `${world.folder}/created`, args: ["sh", "-c", "exit 4"] });
    const created = await ApiContainer.create(world.api, spec, { nullIo: true });
    await crash();
    expect((await created.state()).status).toBe("CREATED");
    expect(await created.finish()).toMatchObject({ exitCode: 4 });
  });

  it("nothing is left of it after its end", async () => {
    const before = world.census.take();
    await crash();
    const ended = container.wait();
    await container.kill(9);
    expect(await ended).toMatchObject({ exitStatus: 137 });
    await container.delete();
    await world.census.expectNoMoreThan(before);
  });
});
