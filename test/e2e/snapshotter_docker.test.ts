import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Docker } from "../harness/docker.ts";
import { DockerDaemon } from "../harness/docker_daemon.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

let daemons: SnapshotterDaemons;
let dockerd: DockerDaemon;
let docker: Docker;

beforeAll(async () => {
  daemons = await SnapshotterDaemons.start();
  const { folder, containerd } = daemons;
  dockerd = await DockerDaemon.start({ folder, containerd, storage: "rund" });
  docker = dockerd.docker();
  await docker.ok(["load", "--input", daemons.archive]);
}, 300_000);

afterAll(async () => {
  await dockerd?.stop();
  await daemons.stop();
});

describe("docker with rund as its storage", () => {
  test("names it, and runs containers on it", async () => {
    const { stdout } = await docker.ok(["info", "--format", "{{.Driver}}"]);
    expect(stdout.trim()).toBe("rund");
    const result = await docker.runContainer([
      "sh",
      "-c",
      "echo new > /etc/new; cat /etc/new; cat /proc/mounts | head -1",
    ]);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^new\n/) });
    expect((await docker.runContainer(["cat", "/etc/new"])).exitCode).not.toBe(0);
  });

  test("commits what a container has changed, and nothing else", async () => {
    const [name, image] = [uniqueId(), `committed-${uniqueId()}`];
    const change =
      "echo changed > /etc/motd; rm /etc/group; mkdir -p /a/b; echo x > /a/b/c; ln /a/b/c /a/d; chown 7:8 /a";
    await docker.ok(docker.runArguments(["sh", "-c", change], { flags: ["--name", name] }));
    const { stdout: changes } = await docker.ok(["diff", name]);
    expect(changes).toContain("D /etc/group");
    await docker.ok(["commit", name, image]);
    const check = "cat /etc/motd; ls /etc/group; stat -c %h /a/b/c; stat -c %u:%g /a";
    const result = await docker.runContainer(["sh", "-c", check], { image });
    expect(result.stdout).toBe("changed\n2\n7:8\n");
    expect(result.stderr).toContain("/etc/group: No such file");
    await docker.remove(name);
    await docker.ok(["image", "rm", image]);
  });

  test("builds an image, also from its cache", async () => {
    const context = `${daemons.folder}/context`;
    await mkdir(context);
    await writeFile(`${context}/file`, "from the context\n");
    const steps = [
      "FROM busybox",
      "COPY file /copied",
      "RUN cat /copied > /ran && rm /etc/group",
      "RUN echo two >> /ran",
    ];
    await writeFile(`${context}/Dockerfile`, `${steps.join("\n")}\n`);
    const image = `built-${uniqueId()}`;
    await docker.ok(["build", "--network", "host", "-t", image, context], { timeout: 120_000 });
    const result = await docker.runContainer(["sh", "-c", "cat /ran; ls /etc/group"], { image });
    expect(result.stdout).toBe("from the context\ntwo\n");
    expect(result.exitCode).not.toBe(0);
    const again = await docker.ok(["build", "--network", "host", "-t", `${image}-2`, context], {
      timeout: 120_000,
    });
    expect(again.stderr).toContain("CACHED");
  });

  test("shows what it takes of the disk, and prunes all of it", async () => {
    const { stdout } = await docker.ok(["system", "df"]);
    expect(stdout).toMatch(/Images\s+\d+/);
    await docker.ok(["system", "prune", "--all", "--force"], { timeout: 120_000 });
    await expect
      .poll(() => readdirSync(`${daemons.snapshotter.root}/trees`), { timeout: 30_000, interval: 200 })
      .toEqual([]);
  });
});
