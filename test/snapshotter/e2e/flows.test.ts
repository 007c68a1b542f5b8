import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BuildkitDaemon } from "../../harness/buildkit_daemon.ts";
import type { Buildx } from "../../harness/buildx.ts";
import type { ContainerdVersion } from "../../harness/containerd_programs.ts";
import type { Docker } from "../../harness/docker.ts";
import { DockerDaemon } from "../../harness/docker_daemon.ts";
import type { FileSystemType } from "../../harness/loop_file_system.ts";
import { RegistryDaemon } from "../../harness/registry_daemon.ts";
import { imageName } from "../../harness/test_image.ts";
import type { DockerVersion } from "../../harness/tools.ts";
import { SnapshotClient } from "../support/snapshot_client.ts";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

interface World {
  readonly containerd: ContainerdVersion;
  readonly docker: DockerVersion;
  readonly files: FileSystemType;
}

const worlds: readonly World[] = [
  { containerd: "2.1", docker: "28.5", files: "ext4" },
  { containerd: "1.7", docker: "26.1", files: "btrfs" },
  { containerd: "2.1", docker: "28.5", files: "xfs" },
];

const megabyte = 1024 * 1024;
const ofRund = ["--snapshotter", "rund"];

describe.each(worlds)("containerd $containerd, docker $docker, snapshots on $files", (world) => {
  let daemons: SnapshotterDaemons;
  let docker: Docker;
  let buildx: Buildx;
  let client: SnapshotClient;
  /** Names of images in the registry. */
  let registry: string;
  /** Bytes in use when there was no snapshot. */
  let empty: number;

  beforeAll(async () => {
    daemons = await SnapshotterDaemons.start(world);
    const { folder, containerd, ctr, archive } = daemons;
    empty = await used();
    client = new SnapshotClient(daemons.snapshotter.address);
    daemons.stopLater(async () => client.close());
    const server = await RegistryDaemon.start(`${folder}/registry`);
    daemons.stopLater(() => server.stop());
    registry = server.address;
    const dockerd = await DockerDaemon.start({ folder, containerd, version: world.docker, storage: "rund" });
    daemons.stopLater(() => dockerd.stop());
    docker = dockerd.docker();
    const buildkitd = await BuildkitDaemon.start({
      folder: `${folder}/builder`,
      containerd,
      snapshotter: "rund",
      registries: [registry],
    });
    daemons.stopLater(() => buildkitd.stop());
    buildx = await buildkitd.buildx();
    await ctr.ok(["image", "import", "--no-unpack", archive]);
    await ctr.ok(["image", "tag", imageName, `${registry}/base:latest`]);
    await ctr.ok(["image", "push", "--plain-http", `${registry}/base:latest`]);
    await ctr.ok(["image", "rm", "--sync", imageName, `${registry}/base:latest`]);
  }, 300_000);

  afterAll(() => daemons?.stop());

  function used(): Promise<number> {
    if (daemons.files === undefined) throw new Error("no file system of its own");
    return daemons.files.used();
  }

  function treesOnDisk(): string[] {
    return readdirSync(`${daemons.snapshotter.root}/trees`);
  }

  test("ctr pulls, runs and removes", async () => {
    const { ctr } = daemons;
    const image = `${registry}/base:latest`;
    await ctr.ok(["image", "pull", "--plain-http", ...ofRund, image]);
    const change = ["sh", "-c", "echo changed > /etc/motd; cat /etc/motd"];
    const run = await ctr.runContainer(change, { image, flags: ofRund });
    expect(run).toMatchObject({ exitCode: 0, stdout: "changed\n" });
    const again = await ctr.runContainer(["cat", "/etc/motd"], { image, flags: ofRund });
    expect(again.exitCode).not.toBe(0);
    await ctr.ok(["image", "rm", "--sync", image]);
    await expect.poll(treesOnDisk, { timeout: 30_000 }).toEqual([]);
  });

  test("docker pulls, runs, commits what has changed and nothing else, pushes, and pulls it again", async () => {
    const [name, image] = ["committed", `${registry}/committed`];
    expect((await docker.ok(["info", "--format", "{{.Driver}}"])).stdout.trim()).toBe("rund");
    await docker.ok(["pull", `${registry}/base`]);
    const change = [
      "echo changed > /etc/motd; rm /etc/group; mkdir -p /a/b; echo x > /a/b/c; ln /a/b/c /a/d; chown 7:8 /a",
      "ln -s nowhere /link; mknod /fifo p; dd if=/dev/zero of=/sparse bs=1 count=1 seek=20M 2>/dev/null",
      "rm -r /home && mkdir -p /home/new; chmod 4711 /bin/busybox",
    ].join("; ");
    const flags = ["--name", name];
    await docker.ok(docker.runArguments(["sh", "-c", change], { flags, image: `${registry}/base` }));
    const { stdout: changes } = await docker.ok(["diff", name]);
    expect(changes).toContain("D /etc/group");
    expect(changes).not.toContain("/etc/passwd");
    await docker.ok(["commit", name, image]);
    await docker.remove(name);
    await docker.ok(["push", image]);
    await docker.ok(["image", "rm", image]);
    await docker.ok(["pull", image]);
    const check = [
      "cat /etc/motd; stat -c %h /a/b/c; stat -c %u:%g /a; readlink /link; stat -c %F /fifo",
      "stat -c %s /sparse; ls /home; stat -c %a /bin/busybox; ls /etc/group",
    ].join("; ");
    const result = await docker.runContainer(["sh", "-c", check], { image });
    expect(result.stdout).toBe("changed\n2\n7:8\nnowhere\nfifo\n20971521\nnew\n4711\n");
    expect(result.stderr).toContain("/etc/group: No such file");
  });

  test("dockerd builds, also from its cache", async () => {
    const context = await contextWith([
      `FROM ${registry}/base`,
      "COPY file /copied",
      "RUN cat /copied > /ran && rm /etc/group",
      "RUN echo two >> /ran",
    ]);
    const build = (image: string) =>
      docker.ok(["build", "--network", "host", "-t", image, context], { timeout: 120_000 });
    await build("built");
    const run = await docker.runContainer(["sh", "-c", "cat /ran; ls /etc/group"], { image: "built" });
    expect(run.stdout).toBe("from the context\ntwo\n");
    expect(run.exitCode).not.toBe(0);
    expect((await build("again")).stderr).toContain("CACHED");
  });

  test("buildkitd builds with rund and pushes what docker then runs", async () => {
    const image = `${registry}/image`;
    const context = await contextWith([
      `FROM ${registry}/base AS first`,
      "RUN mkdir /out && echo from the first > /out/one && ln /out/one /out/two",
      `FROM ${registry}/base`,
      "COPY --from=first /out /out",
      "COPY file /out/three",
      "RUN rm /etc/group && chown 7:8 /out/three",
    ]);
    const output = `type=image,name=${image},push=true`;
    const built = await buildx.build(context, ["--output", output]);
    expect(built, built.stderr).toMatchObject({ exitCode: 0 });
    const check = "cat /out/*; stat -c %u:%g /out/three; ls /etc/group";
    const result = await docker.runContainer(["sh", "-c", check], { image });
    expect(result.stdout).toBe("from the first\nfrom the context\nfrom the first\n7:8\n");
  });

  test("usage is what the disk says, and a commit's is what it has added", async () => {
    const sizes = await Promise.all(
      (await client.list()).map(async ({ name }) => (await client.usage(name)).size),
    );
    const told = sizes.reduce((sum, size) => sum + size, 0);
    const taken = (await used()) - empty;
    // Besides files there are folders, inodes and what the file system keeps for itself.
    expect(Math.abs(told - taken)).toBeLessThan(0.3 * taken + 4 * megabyte);
    const before = await imagesSize();
    const flags = ["--name", "more"];
    const write = ["dd", "if=/dev/urandom", "of=/more", "bs=1M", "count=12"];
    await docker.ok(docker.runArguments(write, { flags, image: `${registry}/base` }));
    await docker.ok(["commit", "more", "more"]);
    await docker.remove("more");
    const added = (await imagesSize()) - before;
    expect(added).toBeGreaterThan(11 * megabyte);
    // The layer, 12 MB, and its tree; where content is not shared that has all of the image.
    const whole = world.files === "ext4" ? 3 * megabyte : 0;
    expect(added).toBeLessThan((12 + 12 + 3) * megabyte + whole);
  });

  test("prune means it: nothing is left on the disk", async () => {
    await docker.ok(["system", "prune", "--all", "--force"], { timeout: 120_000 });
    await buildx.ok(["prune", "--all", "--force"], { timeout: 120_000 });
    await expect.poll(treesOnDisk, { timeout: 30_000, interval: 200 }).toEqual([]);
    expect(readdirSync(`${daemons.snapshotter.root}/snapshots`)).toEqual([]);
    await expect.poll(used, { timeout: 30_000, interval: 500 }).toBeLessThan(empty + 2 * megabyte);
    expect(daemons.snapshotter.log()).not.toContain('"level":"error"');
  });

  /** What docker says that images take, in bytes. */
  async function imagesSize(): Promise<number> {
    const { stdout } = await docker.ok(["system", "df", "--format", "{{.Type}} {{.Size}}"]);
    const [, number = "", unit = ""] = /^Images ([\d.]+)([kMG]?B)/m.exec(stdout) ?? [];
    const factor = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit];
    if (factor === undefined) throw new Error(`docker system df: ${stdout}`);
    return Number(number) * factor;
  }

  async function contextWith(steps: readonly string[]): Promise<string> {
    const context = `${daemons.folder}/context-${steps.length}`;
    await mkdir(context);
    await writeFile(`${context}/file`, "from the context\n");
    await writeFile(`${context}/Dockerfile`, `${steps.join("\n")}\n`);
    return context;
  }
});
