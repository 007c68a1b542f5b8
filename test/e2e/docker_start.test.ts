import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

it("docker restart gives a new process and keeps the files", async () => {
  const script = "date +%s%N >>/starts; wc -l </starts; trap 'exit 0' TERM; while :; do sleep 0.1; done";
  const container = await DockerContainer.start(docker, ["sh", "-c", script]);
  await container.waitForLog(/1\n/);
  const before = await container.state();
  await docker.ok(["restart", container.id]);
  await container.waitForLog(/2\n/);
  const after = await container.state();
  expect(after.Running).toBe(true);
  expect(after.Pid).not.toBe(before.Pid);
  expect(Date.parse(after.StartedAt)).toBeGreaterThan(Date.parse(before.StartedAt));
});

it("docker start runs an ended container again", async () => {
  const script = "echo run >>/runs; cat /runs; exit $(wc -l </runs)";
  const container = await DockerContainer.create(docker, ["sh", "-c", script]);
  expect((await container.state()).Status).toBe("created");
  const first = await docker.run(["start", "--attach", container.id]);
  expect(first).toMatchObject({ exitCode: 1, stdout: "run\n" });
  const second = await docker.run(["start", "--attach", container.id]);
  expect(second).toMatchObject({ exitCode: 2, stdout: "run\nrun\n" });
  expect((await container.logs()).stdout).toBe("run\nrun\nrun\n");
});

it("docker start says why a program cannot run, and the container can still be removed", async () => {
  const container = await DockerContainer.create(docker, ["no-such-program"]);
  const result = await docker.run(["start", container.id]);
  expect(result.exitCode).not.toBe(0);
  expect(result.stderr).toContain("executable file not found in $PATH");
  expect(await container.state()).toMatchObject({ Status: "created", ExitCode: 127 });
  await docker.ok(["rm", container.id]);
});

it("docker attach passes standard input on and gives the exit code", async () => {
  const script = "read line; echo got $line; exit 4";
  const container = await DockerContainer.start(docker, ["sh", "-c", script], { flags: ["-i"] });
  const client = docker.spawn(["attach", container.id]);
  client.stdin.write("a line\n");
  expect(await client.result).toMatchObject({ exitCode: 4, stdout: "got a line\n" });
});

describe("a restart policy", () => {
  it("on-failure starts a failing container as often as it says", async () => {
    const container = await DockerContainer.start(docker, ["sh", "-c", "echo run; exit 3"], {
      flags: ["--restart", "on-failure:2"],
    });
    await expect
      .poll(async () => (await docker.inspect(container.id))["RestartCount"], { timeout: 40_000 })
      .toBe(2);
    await expect.poll(async () => (await container.state()).Status, { timeout: 40_000 }).toBe("exited");
    expect(await container.state()).toMatchObject({ ExitCode: 3, Restarting: false });
    expect((await container.logs()).stdout).toBe("run\nrun\nrun\n");
  });

  it("on-failure leaves a container alone that ended well", async () => {
    const container = await DockerContainer.start(docker, ["echo", "run"], {
      flags: ["--restart", "on-failure"],
    });
    expect(await container.wait()).toBe(0);
    expect(await docker.inspect(container.id)).toMatchObject({ RestartCount: 0 });
  });
});
