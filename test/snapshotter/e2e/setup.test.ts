import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platform } from "../../../src/platform/platform.ts";
import { usualAddress } from "../../../src/snapshotter/plugin.ts";
import { ContainerdDaemon } from "../../harness/containerd_daemon.ts";
import { shimFolder } from "../../harness/project_paths.ts";
import { SnapshotterProcess } from "../../harness/snapshotter_process.ts";
import { TemporaryFolder } from "../../harness/temporary_folder.ts";
import { imageName, makeBusyboxImage } from "../../harness/test_image.ts";

const rund = `${shimFolder()}/rund`;

test("the snapshotter serves where setup sends containerd", async () => {
  const address = usualAddress(platform().runtimeDirectory);
  expect((await execa(rund, ["snapshotter", "--help"])).stdout).toContain(`"${address}"`);
  expect((await execa(join(shimFolder(), "rund-snapshotter"), ["--help"])).stdout).toContain(`"${address}"`);
});

describe.each(["2.3", "2.1", "1.7"] as const)(
  "after rund setup --snapshotter rund, containerd %s",
  (version) => {
    let temporary: TemporaryFolder;
    let snapshotter: SnapshotterProcess;
    let containerd: ContainerdDaemon;
    let archive: string;

    beforeAll(async () => {
      temporary = await TemporaryFolder.create();
      const folder = temporary.path;
      ({ archive } = await makeBusyboxImage(`${folder}/image`));
      snapshotter = new SnapshotterProcess(folder);
      await snapshotter.start();
      containerd = await ContainerdDaemon.start({ folder, version });
      await containerd.stop();
      const file = `${folder}/containerd.toml`;
      await execa(rund, ["setup", "--snapshotter", "rund", "--containerd-config", file, "containerd"]);
      // The snapshotter of the machine, if it has one, is not to be taken.
      const text = await readFile(file, "utf8");
      const address = usualAddress(platform().runtimeDirectory);
      expect(text).toContain(address);
      await writeFile(file, text.replaceAll(address, snapshotter.address));
      await containerd.start();
    }, 300_000);

    afterAll(async () => {
      await containerd?.stop();
      await snapshotter?.stop();
      await temporary?.remove();
    });

    test("has both plugins", async () => {
      const { stdout } = await containerd.ctr().ok(["plugins", "ls"]);
      expect(stdout).toMatch(/io\.containerd\.snapshotter\.v1\s+rund\s.*\bok\b/);
      expect(stdout).toMatch(/io\.containerd\.differ\.v1\s+rund-diff\s.*\bok\b/);
    });

    test("unpacks images there and into its own, runs them, and makes layers", async () => {
      const ctr = containerd.ctr();
      for (const name of ["rund", "overlayfs"]) {
        await ctr.ok(["image", "import", "--snapshotter", name, archive]);
        const flags = ["--snapshotter", name];
        const result = await ctr.runContainer(["echo", name], { image: imageName, flags });
        expect(result.stdout).toBe(`${name}\n`);
      }
      const snapshots = ["snapshots", "--snapshotter", "rund"];
      await ctr.ok([...snapshots, "prepare", "key"]);
      await ctr.ok([...snapshots, "diff", "--media-type", "application/vnd.oci.image.layer.v1.tar", "key"]);
      expect(snapshotter.log()).not.toContain('"level":"error"');
    });
  },
);
