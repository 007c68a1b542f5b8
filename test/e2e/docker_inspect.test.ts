import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

describe("docker inspect", () => {
  it("has the process's real id while the container runs, and sane times after it", async () => {
    const before = Date.now();
    const container = await DockerContainer.start(docker, ["sleep", "4712"]);
    const running = await container.state();
    expect(running).toMatchObject({ Status: "running", Running: true, ExitCode: 0, Error: "" });
    expect(readFileSync(`/proc/${running.Pid}/cmdline`, "utf8")).toBe("sleep\x004712\0");

    await docker.ok(["kill", container.id]);
    const ended = await container.state();
    expect(ended).toMatchObject({ Status: "exited", Running: false, ExitCode: 137, Pid: 0 });
    const [started, finished] = [Date.parse(ended.StartedAt), Date.parse(ended.FinishedAt)];
    expect(started).toBeGreaterThanOrEqual(before);
    expect(finished).toBeGreaterThanOrEqual(started);
    expect(finished).toBeLessThanOrEqual(Date.now());
  });

  it("keeps the exit code of a container that ended by itself", async () => {
    const container = await DockerContainer.start(docker, ["sh", "-c", "exit 42"]);
    expect(await container.wait()).toBe(42);
    const { stdout } = await docker.ok([
      "ps",
      "--all",
      "--format",
      "{{.Status}}",
      "--filter",
      `id=${container.id}`,
    ]);
    expect(stdout).toMatch(/^Exited \(42\)/);
  });
});

describe("docker top", () => {
  it("shows every process of the container and none of the host's", async () => {
    const script = "sleep 4713 & setsid sleep 4714 & echo ready; wait";
    const container = await DockerContainer.start(docker, ["sh", "-c", script]);
    await container.waitForLog(/ready/);
    const commands = async () => {
      const { stdout } = await docker.ok(["top", container.id, "-eo", "pid,args"]);
      return stdout
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().replace(/^\d+\s+/, ""));
    };
    await expect
      .poll(async () => (await commands()).toSorted(), { timeout: 20_000 })
      .toEqual([`sh -c ${script}`, "sleep 4713", "sleep 4714"]);
  });
});
