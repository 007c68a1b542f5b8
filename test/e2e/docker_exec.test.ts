import { describe, expect, it } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";
import { usualDocker } from "../harness/versions.ts";

const { docker, census } = shared();
expectNothingLeft(census);

const sleeper = () => DockerContainer.start(docker, ["sleep", "1000"]);

it("keeps the streams apart and gives the exit code", async () => {
  const container = await sleeper();
  const result = await container.exec(["sh", "-c", "echo out; echo err >&2; exit 7"]);
  expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
});

it("shows death by a signal as 128 and its number", async () => {
  const container = await sleeper();
  expect((await container.exec(["sh", "-c", "kill -9 $$"])).exitCode).toBe(137);
  expect((await container.exec(["sh", "-c", "kill -15 $$"])).exitCode).toBe(143);
});

it("has a user, a folder and an environment of its own", async () => {
  const container = await DockerContainer.start(docker, ["sleep", "1000"], { flags: ["-e", "KEPT=yes"] });
  const flags = ["-u", "alice", "-w", "/tmp", "-e", "ADDED=two words"];
  const script = 'id -un; pwd; echo "$KEPT $ADDED"; id -G';
  const result = await container.exec(["sh", "-c", script], { flags });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const [user, folder, environment, groups] = result.stdout.split("\n");
  expect([user, folder, environment]).toEqual(["alice", "/tmp", "yes two words"]);
  expect(groups?.split(" ").toSorted()).toEqual(["1000", "2000", "29", "4"]);
});

it("carries a megabyte through standard input and back", async () => {
  const container = await sleeper();
  const input = Buffer.alloc(1 << 20, "0123456789abcdef\n");
  const result = await container.exec(["cat"], { flags: ["-i"], input });
  expect(result.exitCode).toBe(0);
  expect(Buffer.compare(result.stdoutBytes, input)).toBe(0);
});

it("runs in the background with -d", async () => {
  const container = await sleeper();
  const result = await container.exec(["sh", "-c", "echo done >/done"], { flags: ["-d"] });
  expect(result).toMatchObject({ exitCode: 0, stdout: "" });
  await expect
    .poll(async () => (await container.exec(["cat", "/done"])).stdout, { timeout: 20_000 })
    .toBe("done\n");
});

/** docker 26 ends every exec that cannot start with 126, whatever the runtime. */
const notFound = usualDocker() === "26.1" ? 126 : 127;

describe("a program that cannot run", () => {
  it.each([
    ["is not on the PATH", "no-such-program", notFound, /executable file not found in \$PATH/],
    ["is not there", "/bin/no-such-program", notFound, /no such file or directory/],
    ["is a directory", "/etc", 126, /is a directory|permission denied/],
    ["is not executable", "/etc/passwd", 126, /permission denied/],
  ])("%s", async (_what, program, exitCode, text) => {
    const container = await sleeper();
    const result = await container.exec([program], { timeout: 30_000 });
    expect(result.exitCode).toBe(exitCode);
    expect(`${result.stdout}${result.stderr}`).toMatch(text);
    expect((await container.exec(["echo", "still here"])).stdout).toBe("still here\n");
  });
});

it("runs ten at once", async () => {
  const container = await sleeper();
  const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
  const results = await Promise.all(
    numbers.map((number) => container.exec(["sh", "-c", `echo ${number}; exit ${number}`])),
  );
  expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
    numbers.map((number) => [number, `${number}\n`]),
  );
});

it("ends when the container does", async () => {
  const container = await sleeper();
  const exec = docker.spawn(["exec", container.id, "sh", "-c", "echo up; exec sleep 1000"]);
  await exec.waitFor(/up\n/);
  await docker.ok(["kill", container.id]);
  expect((await exec.result).exitCode).toBe(137);
});

it("is refused in a folder that is not there, and makes none", async () => {
  const container = await sleeper();
  const result = await container.exec(["pwd"], { flags: ["-w", "/no/such"] });
  expect(result.exitCode).toBe(notFound);
  expect(`${result.stdout}${result.stderr}`).toContain("no such file or directory");
  expect((await container.exec(["test", "-e", "/no"])).exitCode).toBe(1);
});

it("is refused in a container that does not run", async () => {
  const container = await DockerContainer.start(docker, ["true"]);
  expect(await container.wait()).toBe(0);
  const result = await container.exec(["true"]);
  expect(result.exitCode).not.toBe(0);
  expect(result.stderr).toContain("is not running");
});
