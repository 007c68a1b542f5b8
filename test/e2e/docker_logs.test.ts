import { expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

it("keeps both streams apart after the container's end", async () => {
  const container = await DockerContainer.start(docker, ["sh", "-c", "echo out; echo err >&2"]);
  expect(await container.wait()).toBe(0);
  expect(await container.logs()).toMatchObject({ stdout: "out\n", stderr: "err\n" });
});

it("is followed while the container runs, and ends with it", async () => {
  const script = "echo first; until [ -e /go ]; do sleep 0.05; done; echo second >&2";
  const container = await DockerContainer.start(docker, ["sh", "-c", script]);
  const follow = docker.spawn(["logs", "--follow", container.id]);
  await follow.waitFor(/first\n/);
  expect((await container.exec(["touch", "/go"])).exitCode).toBe(0);
  await follow.waitFor(/second\n/);
  expect(await follow.result).toMatchObject({ exitCode: 0, stdout: "first\n", stderr: "second\n" });
});

it("holds every line of a long output", async () => {
  const container = await DockerContainer.start(docker, ["seq", "20000"]);
  expect(await container.wait()).toBe(0);
  const { stdout } = await container.logs();
  expect(stdout.trim().split("\n")).toEqual(Array.from({ length: 20000 }, (_, index) => String(index + 1)));
  expect((await container.logs("--tail", "2")).stdout).toBe("19999\n20000\n");
});

it("holds the last line even without its end", async () => {
  const container = await DockerContainer.start(docker, ["printf", "no newline"]);
  expect(await container.wait()).toBe(0);
  expect((await container.logs()).stdout).toBe("no newline");
});

it("has what a terminal showed", async () => {
  const container = await DockerContainer.start(docker, ["sh", "-c", "echo out; echo err >&2"], {
    flags: ["-t"],
  });
  expect(await container.wait()).toBe(0);
  expect(await container.logs()).toMatchObject({ stdout: "out\r\nerr\r\n", stderr: "" });
});

it("ends with the container although a daemon that it left holds the streams open", async () => {
  const script = "setsid sh -c 'trap : TERM; while :; do sleep 1; done' & echo started; exit 4";
  const container = await DockerContainer.start(docker, ["sh", "-c", script]);
  const follow = docker.spawn(["logs", "--follow", container.id]);
  expect(await container.wait()).toBe(4);
  expect(await follow.result).toMatchObject({ exitCode: 0, stdout: "started\n" });
});
