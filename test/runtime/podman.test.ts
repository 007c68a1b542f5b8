import { chmod, mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CommandLine } from "../harness/command_line.ts";
import { makeBusyboxImage } from "../harness/test_image.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { type PodmanTools, podmanTools } from "./support/podman_tools.ts";
import { runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { census } = own;
const nothing = new Set<string>();

let tools: PodmanTools;
let podman: CommandLine;
beforeAll(async () => {
  tools = await podmanTools(own.folder);
  ({ podman } = tools);
  await mkdir(`${own.folder}/image`);
  const { archive } = await makeBusyboxImage(`${own.folder}/image`);
  await podman.ok(["load", "--input", archive]);
}, 300_000);
afterAll(async () => {
  await podman.run(["rm", "--all", "--force", "--time", "0"]);
  await census.expectNoMoreThan(nothing);
});

/** A container in the background, removed with the test. */
async function started(...args: string[]): Promise<string> {
  const name = uniqueId("p");
  onTestFinished(async () => void (await podman.run(["rm", "--force", "--time", "0", name])));
  await podman.ok(["run", "--detach", "--name", name, ...args]);
  return name;
}

const inspect = async (name: string, format: string) =>
  (await podman.ok(["inspect", "--format", format, name])).stdout.trim();

const loop = "while :; do sleep 0.05; done";

describe("podman with rund as its runtime", () => {
  it("runs a container, with its streams and its code", async () => {
    const args = ["run", "--rm", "--interactive", "busybox", "sh", "-c", "cat; echo errors >&2; exit 7"];
    expect(await podman.run(args, { input: "input\n" })).toMatchObject({
      exitCode: 7,
      stdout: "input\n",
      stderr: "errors\n",
    });
    await census.expectNoMoreThan(nothing);
  });

  it("passes user, folder, variables and volumes on", async () => {
    const volume = await testFolder(own);
    await writeFile(`${volume}/file`, "content\n");
    await chmod(volume, 0o777);
    const flags = [
      "--user",
      "bob",
      "--workdir",
      "/tmp",
      "--env",
      "COLOR=red",
      "--volume",
      `${volume}:/data:ro`,
    ];
    const script = "id -u; pwd; echo $COLOR; cat /data/file; touch /data/new 2>&1";
    const { exitCode, stdout } = await podman.run(["run", "--rm", ...flags, "busybox", "sh", "-c", script]);
    expect(stdout).toBe("1001\n/tmp\nred\ncontent\ntouch: /data/new: Read-only file system\n");
    expect(exitCode).toBe(1);
  });

  it.each([
    ["no-such-program", 127, /executable file .* not found in \$PATH|not found/],
    ["/etc/passwd", 126, /permission denied/],
  ])("tells why %s cannot be run", async (program, code, reason) => {
    const { exitCode, stderr } = await podman.run(["run", "--rm", "busybox", program]);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(reason);
    await census.expectNoMoreThan(nothing);
  });

  it("runs one on a terminal, which is resized", async () => {
    const script = `trap 'stty size' WINCH; trap 'exit 3' INT; stty size; ${loop}`;
    const session = podman.pty(["run", "--rm", "-it", "busybox", "sh", "-c", script], {
      columns: 91,
      rows: 17,
    });
    await session.waitFor(/17 91/);
    session.resize(70, 30);
    await session.waitFor(/30 70/);
    session.write("\x03");
    expect(await session.exitCode).toBe(3);
  });

  it("runs one in the background, and more in it", async () => {
    const name = await started("busybox", "sh", "-c", `trap 'echo bye; exit 4' TERM; echo hello; ${loop}`);
    expect(await inspect(name, "{{.State.Status}}")).toBe("running");
    expect((await podman.ok(["exec", name, "sh", "-c", "id -u"])).stdout).toBe("0\n");
    expect((await podman.ok(["exec", "--user", "alice", name, "id", "-G"])).stdout).toBe("1000 4 29 2000\n");
    expect((await podman.run(["exec", name, "sh", "-c", "exit 9"])).exitCode).toBe(9);
    expect((await podman.run(["exec", name, "no-such-program"])).exitCode).toBe(127);
    const session = podman.pty(["exec", "-it", name, "sh", "-c", "tty; exit 6"]);
    await session.waitFor(/\/dev\/pts\/\d/);
    expect(await session.exitCode).toBe(6);
    await podman.ok(["stop", "--time", "10", name]);
    expect(await inspect(name, "{{.State.Status}} {{.State.ExitCode}}")).toBe("exited 4");
    expect((await podman.ok(["logs", name])).stdout).toBe("hello\nbye\n");
  });

  it("starts one again, and restarts it", async () => {
    const name = await started("busybox", "sh", "-c", `trap 'exit 0' TERM; echo started; ${loop}`);
    await podman.ok(["stop", name]);
    await podman.ok(["start", name]);
    await podman.ok(["restart", name]);
    const logs = async () => (await podman.ok(["logs", name])).stdout;
    await expect.poll(logs).toBe("started\n".repeat(3));
  });

  it("creates one and starts it later; kills it; waits for it", async () => {
    const name = uniqueId("p");
    onTestFinished(async () => void (await podman.run(["rm", "--force", "--time", "0", name])));
    await podman.ok(["create", "--name", name, "busybox", "sleep", "1000"]);
    // `init` makes the jail, whose program waits.
    await podman.ok(["init", name]);
    expect(await inspect(name, "{{.State.Status}}")).toBe("initialized");
    await podman.ok(["start", name]);
    const end = podman.run(["wait", name]);
    await podman.ok(["kill", "--signal", "KILL", name]);
    expect((await end).stdout).toBe("137\n");
  });

  it("removes one that runs, with what it has left", async () => {
    const name = await started("busybox", "sh", "-c", "trap '' TERM HUP; setsid sleep 1000 & sleep 1000");
    await podman.ok(["rm", "--force", "--time", "0", name]);
    await census.expectNoMoreThan(nothing);
  });
});

describe("buildah with rund as its runtime", () => {
  it("runs commands in a container made from scratch", async () => {
    const { buildah, runtime } = tools;
    const container = (await buildah.ok(["from", "scratch"])).stdout.trim();
    onTestFinished(async () => void (await buildah.run(["rm", container])));
    await buildah.ok(["add", container, own.rootfs, "/"]);
    const run = (...args: string[]) =>
      buildah.run(["run", "--isolation", "oci", "--runtime", runtime, ...args]);
    expect(await run(container, "sh", "-c", "echo made >/made; id -u; exit 3")).toMatchObject({
      exitCode: 3,
      stdout: "0\n",
    });
    expect((await run("--user", "bob", container, "sh", "-c", "cat /made; id -un")).stdout).toBe(
      "made\nbob\n",
    );
    const missing = await run(container, "no-such-program");
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain("executable file not found in $PATH");
    expect((await run(container, "sh", "-c", "sleep 1000 & echo left")).stdout).toBe("left\n");
    const volume = await testFolder(own);
    await run("--volume", `${volume}:/data`, container, "touch", "/data/there");
    expect((await run("--volume", `${volume}:/data`, container, "ls", "/data")).stdout).toBe("there\n");
    await census.expectNoMoreThan(nothing);
  });

  it("builds an image of a Dockerfile, and so does podman", async () => {
    const context = await testFolder(own);
    await writeFile(`${context}/file`, "content\n");
    const lines = [
      "FROM docker.io/library/busybox",
      "RUN echo one >/one && ls /one",
      "COPY file /file",
      "RUN --mount=type=tmpfs,target=/t touch /t/x && cat /file",
      "USER alice",
      "RUN id -un",
    ];
    await writeFile(`${context}/Dockerfile`, lines.join("\n"));
    for (const tool of [tools.buildah, tools.podman]) {
      const flags = ["--isolation", "oci", "--runtime", tools.runtime, "--no-cache", "--tag", "built"];
      const { stdout } = await tool.ok(["build", ...flags, context], { timeout: 120_000 });
      for (const text of ["/one\n", "content\n", "alice\n"]) expect(stdout).toContain(text);
      const listing = await podman.ok(["run", "--rm", "localhost/built", "sh", "-c", "id -un; cat /one; ls"]);
      expect(listing.stdout).toMatch(/^alice\none\n/);
      // The folder that was made for the mount is gone.
      expect(listing.stdout).not.toMatch(/^t$/m);
    }
    await census.expectNoMoreThan(nothing);
  });
});
