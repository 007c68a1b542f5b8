import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const loop = "echo ready; while :; do sleep 0.1; done";

/** A shell that has set its traps. */
async function trapping(trap: string, flags: readonly string[] = []): Promise<DockerContainer> {
  const container = await DockerContainer.start(docker, ["sh", "-c", `${trap}; ${loop}`], { flags });
  await container.waitForLog(/ready/);
  return container;
}

describe("docker stop", () => {
  it("gives the exit code of a container that handles TERM", async () => {
    const container = await trapping("trap 'exit 3' TERM");
    const { milliseconds } = await docker.ok(["stop", container.id]);
    expect(milliseconds).toBeLessThan(9_000);
    expect(await container.state()).toMatchObject({ Status: "exited", ExitCode: 3, Pid: 0 });
  });

  it("kills a container that ignores TERM when its time is over", async () => {
    const container = await trapping("trap '' TERM");
    // Its long name is --time up to docker 27 and --timeout from 28 on.
    await docker.ok(["stop", "-t", "1", container.id]);
    expect(await container.state()).toMatchObject({ Status: "exited", ExitCode: 137 });
  });

  it("sends the signal that the container asks for", async () => {
    const container = await trapping("trap 'exit 4' USR1; trap '' TERM", ["--stop-signal", "USR1"]);
    await docker.ok(["stop", container.id]);
    expect((await container.state()).ExitCode).toBe(4);
  });

  it("ends the processes that left the container's session too", async () => {
    const container = await trapping("setsid sh -c 'trap : TERM; sleep 1001' & trap 'exit 0' TERM");
    await docker.ok(["stop", container.id]);
    const { stdout } = await docker.ok(["ps", "--quiet", "--filter", `id=${container.id}`]);
    expect(stdout).toBe("");
  });
});

describe("docker kill", () => {
  it("ends the container with 137", async () => {
    const container = await trapping("trap '' TERM");
    await docker.ok(["kill", container.id]);
    expect(await container.wait()).toBe(137);
  });

  it("sends the signal it is told", async () => {
    const container = await trapping("trap 'echo got usr1' USR1; trap 'exit 5' HUP");
    await docker.ok(["kill", "--signal", "USR1", container.id]);
    await container.waitForLog(/got usr1/);
    await docker.ok(["kill", "-s", "1", container.id]);
    expect(await container.wait()).toBe(5);
  });

  it("says that a container which has ended does not run", async () => {
    const container = await DockerContainer.start(docker, ["true"]);
    expect(await container.wait()).toBe(0);
    const result = await docker.run(["kill", container.id]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("is not running");
  });
});

it("docker wait gives the exit code to whoever waited before the end and after it", async () => {
  const container = await trapping("trap 'exit 11' TERM");
  const waiting = [container.wait(), container.wait()];
  await docker.ok(["kill", "-s", "TERM", container.id]);
  expect(await Promise.all(waiting)).toEqual([11, 11]);
  expect(await container.wait()).toBe(11);
});

it("docker rm --force ends a running container at once", async () => {
  const container = await trapping("trap '' TERM");
  const { milliseconds } = await docker.ok(["rm", "--force", container.id]);
  expect(milliseconds).toBeLessThan(9_000);
  expect((await docker.run(["inspect", container.id])).exitCode).not.toBe(0);
});
