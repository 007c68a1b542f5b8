import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

it("keeps the streams apart and gives the exit code", async () => {
  const result = await docker.runContainer(["sh", "-c", "echo out; echo err >&2; exit 7"]);
  expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
});

it.each([0, 1, 125, 126, 127, 128, 255])("gives exit code %i", async (code) => {
  const result = await docker.runContainer(["sh", "-c", `exit ${code}`]);
  expect(result).toMatchObject({ exitCode: code, stdout: "", stderr: "" });
});

describe("a program that cannot run", () => {
  it.each([
    ["is not on the PATH", "no-such-program", 127, /"no-such-program": executable file not found in \$PATH/],
    ["is not there", "/bin/no-such-program", 127, /no such file or directory/],
    ["is a directory", "/etc", 126, /is a directory|permission denied/],
    ["is not executable", "/etc/passwd", 126, /permission denied/],
  ])("%s", async (_what, program, exitCode, text) => {
    const result = await docker.runContainer([program]);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toMatch(text);
    expect(result.stdout).toBe("");
  });

  it("has left no container", async () => {
    const { stdout } = await docker.ok(["ps", "--all", "--quiet"]);
    expect(stdout).toBe("");
  });
});

it("carries a megabyte through standard input and back", async () => {
  const input = randomBytes(1 << 20);
  const result = await docker.runContainer(["cat"], { flags: ["-i"], input });
  expect(result.exitCode).toBe(0);
  expect(Buffer.compare(result.stdoutBytes, input)).toBe(0);
});

it("ends standard input when the client does", async () => {
  const result = await docker.runContainer(["sh", "-c", "cat; echo end"], { flags: ["-i"], input: "text\n" });
  expect(result).toMatchObject({ exitCode: 0, stdout: "text\nend\n" });
});

it("gives an empty standard input without -i", async () => {
  const result = await docker.runContainer(["wc", "-c"], { input: "not for the container" });
  expect(result.stdout.trim()).toBe("0");
});

it("passes a signal to the client on to the container", async () => {
  const script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done";
  const client = docker.spawn(docker.runArguments(["sh", "-c", script], {}, "--rm"));
  await client.waitFor(/ready/);
  client.kill("SIGTERM");
  expect((await client.result).exitCode).toBe(9);
});

it("has docker's files for names and addresses", async () => {
  const { stdout } = await docker.runContainer(["cat", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"]);
  expect(stdout).toMatch(/127\.0\.0\.1\s+localhost/);
  const { stdout: hostname } = await docker.runContainer(["cat", "/etc/hostname"]);
  expect(hostname).toMatch(/\S/);
});

it("has the usual devices and file systems", async () => {
  const script = [
    "echo lost >/dev/null",
    "head -c 3 /dev/zero | wc -c",
    "head -c 3 /dev/urandom | wc -c",
    "echo self >/dev/stdout",
    "ls /proc/self/cmdline /dev/shm /dev/fd >/dev/null && echo there",
    "touch /dev/shm/x && echo shm",
  ].join("\n");
  const result = await docker.runContainer(["sh", "-c", script]);
  expect(result).toMatchObject({ exitCode: 0, stdout: "3\n3\nself\nthere\nshm\n", stderr: "" });
});

it("runs ten containers at once", async () => {
  const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
  const results = await Promise.all(
    numbers.map((number) => docker.runContainer(["sh", "-c", `echo ${number}; exit ${number}`])),
  );
  expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
    numbers.map((number) => [number, `${number}\n`]),
  );
});

it("loses no output of quick writers", async () => {
  for (let round = 0; round < 4; round += 1) {
    const runs = Array.from({ length: 5 }, () => docker.runContainer(["sh", "-c", "echo out; echo err >&2"]));
    for (const result of await Promise.all(runs)) {
      expect(result).toMatchObject({ exitCode: 0, stdout: "out\n", stderr: "err\n" });
    }
  }
});

it("removes what it ran with --rm", async () => {
  const { stdout } = await docker.ok(["ps", "--all", "--quiet"]);
  expect(stdout).toBe("");
});
