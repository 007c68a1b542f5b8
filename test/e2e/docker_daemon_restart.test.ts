import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Daemons } from "../harness/daemons.ts";
import { DockerContainer } from "../harness/docker_container.ts";
import type { Census } from "../harness/host_census.ts";
import { shared } from "../harness/shared.ts";
import { isAlive } from "./support/host_processes.ts";

const { mountDriver } = shared();

let world: Daemons;
let empty: Census;

beforeAll(async () => {
  world = await Daemons.start({ env: { RUND_MOUNT_DRIVER: mountDriver } });
  empty = world.census.take();
});

afterAll(() => world.stop());

const loop = "echo ready; while :; do sleep 0.1; done";

async function trapping(trap: string, flags: readonly string[] = []): Promise<DockerContainer> {
  const container = await DockerContainer.start(world.docker, ["sh", "-c", `${trap}; ${loop}`], { flags });
  await container.waitForLog(/ready/);
  return container;
}

async function expectEnded(container: DockerContainer, exitCode: number): Promise<void> {
  await expect
    .poll(() => container.state(), { timeout: 30_000 })
    .toMatchObject({ Status: "exited", ExitCode: exitCode, Pid: 0 });
}

describe("an orderly end of dockerd", () => {
  it("stops its containers, and nothing of them is left", async () => {
    const handling = await trapping("trap 'exit 3' TERM");
    const ignoring = await trapping("trap '' TERM", ["--stop-timeout", "1"]);
    await world.dockerd.stop();
    await world.census.expectNoMoreThan(empty, 15_000);
    await world.dockerd.start();
    await expectEnded(handling, 3);
    await expectEnded(ignoring, 137);

    await world.docker.ok(["start", handling.id]);
    expect((await handling.exec(["echo", "again"])).stdout).toBe("again\n");
  });

  it("starts those again that shall always run", async () => {
    const container = await trapping("trap 'exit 0' TERM", ["--restart", "always"]);
    const before = await container.state();
    await world.dockerd.restart();
    await expect.poll(async () => (await container.state()).Running, { timeout: 30_000 }).toBe(true);
    expect((await container.state()).Pid).not.toBe(before.Pid);
  });
});

describe("a crash of dockerd", () => {
  it("ends its containers at the next start, and nothing of them is left", async () => {
    const container = await trapping("trap '' TERM", ["--stop-timeout", "1"]);
    await world.dockerd.kill();
    await world.dockerd.start();
    await expectEnded(container, 137);
    await world.docker.ok(["rm", container.id]);
    await world.census.expectNoMoreThan(empty, 15_000);
  });
});

describe("a restart of containerd", () => {
  it("leaves a paused container paused", async () => {
    const container = await trapping("trap 'exit 0' TERM");
    await world.docker.ok(["pause", container.id]);
    await world.containerd.restart();
    const task = async () =>
      (await world.containerd.ctr("moby").tasks()).find(({ id }) => id === container.id)?.status;
    await expect.poll(task, { timeout: 20_000 }).toBe("PAUSED");
    const unpause = async () => (await world.docker.run(["unpause", container.id])).exitCode;
    // dockerd needs a moment to find containerd again.
    await expect.poll(unpause, { timeout: 40_000, interval: 500 }).toBe(0);
    expect(await task()).toBe("RUNNING");
  });

  it("tells dockerd of a container that ended meanwhile, with its exit code and time", async () => {
    const container = await trapping("trap 'exit 13' TERM");
    const { Pid: pid } = await container.state();
    const waiting = world.docker.run(["wait", container.id]);
    await world.containerd.kill();
    const from = Date.now();
    process.kill(pid, "SIGTERM");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    const to = Date.now();
    await world.containerd.start();
    await expectEnded(container, 13);
    expect((await waiting).stdout).toBe("13\n");
    const finished = Date.parse((await container.state()).FinishedAt);
    expect(finished).toBeGreaterThanOrEqual(from);
    expect(finished).toBeLessThanOrEqual(to + 500);
    await world.docker.ok(["start", container.id]);
    expect((await container.exec(["echo", "again"])).stdout).toBe("again\n");
  });

  it("leaves a running container to dockerd, with exec, logs and exit code", async () => {
    const container = await trapping("trap 'exit 12' TERM");
    const before = await container.state();
    await world.containerd.restart();
    // dockerd needs a moment to find containerd again.
    await expect
      .poll(async () => (await container.exec(["echo", "there"])).stdout, { timeout: 40_000, interval: 500 })
      .toBe("there\n");
    expect(await container.state()).toMatchObject({ Running: true, Pid: before.Pid });
    await world.docker.ok(["stop", container.id]);
    await expectEnded(container, 12);
  });
});
