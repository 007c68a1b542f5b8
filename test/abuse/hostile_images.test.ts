import { mkdir, symlink, writeFile } from "node:fs/promises";
import { execa } from "execa";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mount } from "../../src/oci/spec.ts";
import { ApiContainer } from "../e2e/support/api_container.ts";
import { folderListing } from "../e2e/support/folder_listing.ts";
import { jailSpec } from "../e2e/support/jail_spec.ts";
import { BackgroundCommand } from "../harness/background_command.ts";
import { busyboxRootfs } from "../harness/busybox_rootfs.ts";
import { Daemons } from "../harness/daemons.ts";
import { projectFolder } from "../harness/project_paths.ts";
import { writeImageArchive } from "../harness/test_image.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { Canary } from "./support/canary.ts";
import { type HostileTree, hostileTrees, type MountedKind, makeHostileTree } from "./support/hostile_tree.ts";
import { amounts, seedOf } from "./support/settings.ts";

describe.each(["kernel", "bindfs"] as const)("with the %s driver", (driver) => {
  let world: Daemons;
  let volume: string;

  beforeAll(async () => {
    world = await Daemons.start({ docker: false, env: { RUND_MOUNT_DRIVER: driver } });
    volume = `${world.folder}/volume`;
    await mkdir(volume);
    await writeFile(`${volume}/file`, "from the volume\n");
  });

  afterAll(() => world.stop());

  /** What is left on the host, by a test that must leave nothing. */
  async function leavingNothing(test: () => Promise<void>): Promise<void> {
    const before = world.census.take();
    await test();
    await world.census.expectNoMoreThan(before);
  }

  function mountOf({ destination, kind }: { destination: string; kind: MountedKind }): Mount {
    if (kind === "tmpfs") return { destination, type: "tmpfs", source: "tmpfs" };
    const source = kind === "file" ? `${volume}/file` : volume;
    return {
      destination,
      type: "bind",
      source,
      options: ["rbind", kind === "read-only folder" ? "ro" : "rw"],
    };
  }

  /** Runs a container to its end, or to the refusal of what cannot be; answers whether it ran. */
  async function runOrRefuse(
    root: string,
    mounts: readonly Mount[],
    canary: Canary,
    cwd = "/",
  ): Promise<boolean> {
    const spec = jailSpec({ rootfs: root, args: ["/bin/true"], cwd, mounts });
    const container = await ApiContainer.record(world.api, spec, { nullIo: true });
    try {
      await container.createTask();
    } catch (error) {
      expect((error as Error).message).not.toBe("");
      return false;
    } finally {
      canary.expectUntouched();
    }
    await container.finish();
    canary.expectUntouched();
    await container.delete();
    canary.expectUntouched();
    return true;
  }

  it(`${amounts.images} random farms of links lead nowhere, and stay as they were`, async () => {
    const canary = await Canary.make(world.folder);
    const settings = { seed: seedOf(`farms ${driver}`), numRuns: amounts.images };
    const trees: HostileTree[] = fc.sample(hostileTrees(canary.path), settings);
    let ran = 0;
    await leavingNothing(async () => {
      for (const [index, tree] of trees.entries()) {
        const root = `${world.folder}/farm-${index}`;
        await makeHostileTree(root, `${world.rootfs}/bin/busybox`, tree);
        const before = await folderListing(root);
        if (await runOrRefuse(root, tree.mounts.map(mountOf), canary, tree.cwd)) ran++;
        // A working directory that is not there is made, as runc makes it.
        if (tree.cwd === "/") expect(await folderListing(root), JSON.stringify(tree)).toEqual(before);
      }
    });
    // Neither were all refused, which would show nothing.
    expect(ran).toBeGreaterThan(0);
    canary.expectUntouchedAtLast();
  });

  it("an image all of whose usual folders are links out is run inside, or refused", async () => {
    const canary = await Canary.make(world.folder);
    const rootfs = `${world.folder}/image-of-links`;
    await busyboxRootfs(rootfs);
    // But /etc, in which ctr itself looks users up, and /tmp, which is on the way to the canary.
    for (const name of ["proc", "dev", "sys", "run"]) {
      await execa("rm", ["-r", `${rootfs}/${name}`]);
      await symlink(`${canary.path}/${name}`, `${rootfs}/${name}`);
    }
    const name = `docker.io/library/${uniqueId("hostile")}:latest`;
    const archive = `${world.folder}/hostile.tar`;
    await writeImageArchive(archive, { name, rootfs });
    await world.ctr.ok(["image", "import", archive]);
    await leavingNothing(async () => {
      for (const target of ["/etc/new", "/run/a/b", "/sys/fs", "/tmp/odd name", "/proc/1/x"]) {
        const mount = `type=bind,src=${volume},dst=${target},options=rbind:rw`;
        const { exitCode, stdout, stderr } = await world.ctr.runContainer(
          ["sh", "-c", `cat "${target}/file"`],
          {
            image: name,
            flags: ["--mount", mount],
          },
        );
        canary.expectUntouched();
        if (exitCode === 0) expect(stdout).toBe("from the volume\n");
        else expect(stderr).toContain("failed to create shim task: mount /");
      }
    });
    canary.expectUntouchedAtLast();
  });

  it("names with newlines, blanks and what looks like an escape are mounted at and taken back", async () => {
    const canary = await Canary.make(world.folder);
    const root = `${world.folder}/names`;
    await makeHostileTree(root, `${world.rootfs}/bin/busybox`, { links: [], mounts: [], cwd: "/" });
    const odd = ["new\nline", "a b\tc", "back\\012slash", "\\", "'\"", "é\u202e", "x".repeat(255)];
    const mounts = odd.map((name) => mountOf({ destination: `/${name}/${name}`, kind: "folder" }));
    const before = await folderListing(root);
    await leavingNothing(async () => {
      const spec = jailSpec({
        rootfs: root,
        args: ["/bin/busybox", "cat", ...mounts.map(({ destination }) => `${destination}/file`)],
        mounts,
      });
      const container = await ApiContainer.create(world.api, spec);
      expect((await container.finish()).stdout).toBe("from the volume\n".repeat(odd.length));
      await container.delete();
    });
    expect(await folderListing(root)).toEqual(before);
    canary.expectUntouchedAtLast();
  });

  it(`a folder and a link that change places all the time lead nowhere, in ${amounts.races} containers`, async () => {
    const canary = await Canary.make(world.folder);
    const root = `${world.folder}/race`;
    await makeHostileTree(root, `${world.rootfs}/bin/busybox`, { links: [], mounts: [], cwd: "/" });
    await mkdir(`${root}/a/a`, { recursive: true });
    await symlink(canary.path, `${root}/b`);
    const swapping = await startSwapper(root);
    const targets = ["/a/target", "/b/new/deep", "/a/a/deep", "/b/made/for/this"];
    const mounts: Mount[] = [
      ...targets.map((destination) => mountOf({ destination, kind: "folder" })),
      mountOf({ destination: "/a/file", kind: "file" }),
      mountOf({ destination: "/b/etc", kind: "tmpfs" }),
    ];
    let ran = 0;
    for (let round = 0; round < amounts.races; round++) if (await runOrRefuse(root, mounts, canary)) ran++;
    await swapping.stop();
    expect(ran).toBeGreaterThan(0);
    canary.expectUntouchedAtLast();
  });

  /** In a container that has the same root where two can have one, else beside it. */
  async function startSwapper(root: string): Promise<{ stop: () => Promise<unknown> }> {
    await execa("cc", [
      "-static",
      "-O1",
      "-o",
      `${root}/swapper`,
      `${projectFolder}/test/abuse/support/swapper.c`,
    ]);
    if (driver === "kernel") {
      const spec = jailSpec({ rootfs: root, args: ["/swapper", "/a", "/b"] });
      const container = await ApiContainer.run(world.api, spec);
      await container.stdio?.stdout.waitFor(/swapping/);
      return { stop: () => container.remove() };
    }
    const command = new BackgroundCommand(`${root}/swapper`, [`${root}/a`, `${root}/b`], { input: "" });
    await command.waitFor(/swapping/);
    const stop = async () => {
      command.kill();
      await command.result;
    };
    return { stop };
  }
});
