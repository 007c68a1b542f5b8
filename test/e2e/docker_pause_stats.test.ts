import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const ticking = ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do echo tick; sleep 0.05; done"];

async function start(args: readonly string[] = ticking): Promise<DockerContainer> {
  return DockerContainer.start(docker, args);
}

describe("docker pause", () => {
  it("stops the output, and unpause lets it go on", async () => {
    const container = await start();
    await container.waitForLog(/tick/);
    await docker.ok(["pause", container.id]);
    expect(await container.state()).toMatchObject({ Status: "paused", Running: true });
    const { stdout } = await container.logs();
    await docker.ok(["unpause", container.id]);
    expect(await container.state()).toMatchObject({ Status: "running" });
    await expect.poll(async () => (await container.logs()).stdout.length).toBeGreaterThan(stdout.length);
  });

  it("is refused twice, and for a container that has ended", async () => {
    const container = await start();
    await docker.ok(["pause", container.id]);
    expect((await docker.run(["pause", container.id])).exitCode).not.toBe(0);
    expect((await container.exec(["true"])).stderr).toContain("is paused");
    await docker.ok(["kill", container.id]);
    expect(await container.wait()).toBe(137);
    expect((await docker.run(["pause", container.id])).stderr).toContain("is not running");
  });

  it("does not keep a container from being stopped", async () => {
    const container = await start();
    await container.waitForLog(/tick/);
    await docker.ok(["pause", container.id]);
    const { milliseconds } = await docker.ok(["stop", container.id]);
    expect(milliseconds).toBeLessThan(9_000);
    expect(await container.state()).toMatchObject({ Status: "exited", ExitCode: 3 });
  });
});

it("docker stats shows processes, processor and memory", async () => {
  const container = await start(["sh", "-c", "sleep 1000 & while :; do :; done"]);
  const { stdout } = await docker.ok(["stats", "--no-stream", "--format", "{{json .}}", container.id]);
  const shown = JSON.parse(stdout) as Record<string, string>;
  expect(shown["PIDs"]).toBe("2");
  expect(Number.parseFloat(shown["CPUPerc"] ?? "")).toBeGreaterThan(1);
  expect(shown["MemUsage"]).toMatch(/^[\d.]+[KM]iB \/ [\d.]+GiB$/);
});

describe("docker update", () => {
  it("changes the restart policy, which is docker's own", async () => {
    const container = await start();
    await docker.ok(["update", "--restart", "on-failure", container.id]);
  });

  it("says what a jail cannot do", async () => {
    const container = await start();
    const { exitCode, stderr } = await docker.run([
      "update",
      "--memory",
      "64m",
      "--memory-swap",
      "64m",
      container.id,
    ]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("update: memory.limit, memory.swap: a jail has no cgroup");
  });
});
