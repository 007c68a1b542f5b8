import { expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const often = ["--health-interval", "300ms", "--health-retries", "2"];

async function expectHealth(container: DockerContainer, status: string): Promise<void> {
  const health = async () => (await container.state()).Health?.Status;
  await expect.poll(health, { timeout: 30_000, interval: 200 }).toBe(status);
}

it("becomes healthy, then unhealthy, as the check says", async () => {
  const container = await DockerContainer.start(docker, ["sleep", "1000"], {
    flags: [...often, "--health-cmd", "echo looked; test ! -e /sick"],
  });
  await expectHealth(container, "healthy");
  expect((await container.state()).Health?.Log[0]).toMatchObject({ ExitCode: 0, Output: "looked\n" });
  expect((await container.exec(["touch", "/sick"])).exitCode).toBe(0);
  await expectHealth(container, "unhealthy");
  expect((await container.state()).Health?.Log.at(-1)).toMatchObject({ ExitCode: 1, Output: "looked\n" });
  expect((await container.exec(["rm", "/sick"])).exitCode).toBe(0);
  await expectHealth(container, "healthy");
});

it("is unhealthy when the check's program is missing", async () => {
  const container = await DockerContainer.start(docker, ["sleep", "1000"], {
    flags: [...often, "--health-cmd", "no-such-program"],
  });
  await expectHealth(container, "unhealthy");
  expect((await container.state()).Health?.Log.at(-1)?.ExitCode).toBe(127);
});

it("ends a check that takes too long", async () => {
  const container = await DockerContainer.start(docker, ["sleep", "1000"], {
    flags: [...often, "--health-timeout", "500ms", "--health-cmd", "sleep 4711"],
  });
  await expectHealth(container, "unhealthy");
  expect((await container.state()).Health?.Log.at(-1)?.Output).toContain("exceeded timeout");
});
