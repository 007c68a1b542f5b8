import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderListing } from "../e2e/support/folder_listing.ts";
import { isAlive } from "../e2e/support/host_processes.ts";
import { busyboxRootfs } from "../harness/busybox_rootfs.ts";
import { containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, census } = own;
const nothing = new Set<string>();

describe("delete", () => {
  it.each(["created", "running", "paused", "stopped"])(
    "by force ends a container that is %s",
    async (state) => {
      const bundle = await makeBundle(own, "(trap '' TERM HUP; setsid sleep 1000) & exec sleep 1000");
      const id = containerId(rund);
      await rund.create(id, bundle);
      const { pid } = await rund.state(id);
      if (state !== "created") await rund.ok(["start", id]);
      if (state === "paused") await rund.ok(["pause", id]);
      if (state === "stopped") {
        await rund.ok(["kill", id, "KILL"]);
        await expect.poll(() => rund.state(id)).toMatchObject({ status: "stopped" });
      }
      await rund.ok(["delete", "--force", id]);
      expect(isAlive(pid)).toBe(false);
      await census.expectNoMoreThan(nothing);
      expect(await readdir(rund.root)).toEqual([]);
    },
  );

  it("may be asked for again and again, by several at once", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const id = containerId(rund);
    await rund.start(id, bundle);
    const results = await Promise.all(Array.from({ length: 4 }, () => rund.run(["delete", "--force", id])));
    expect(results.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(Array(4).fill("0 "));
    await rund.ok(["delete", "--force", id]);
    expect((await rund.run(["delete", id])).stderr).toBe("rund delete: container does not exist\n");
    await census.expectNoMoreThan(nothing);
  });

  it("makes room for another of the same id", async () => {
    const bundle = await makeBundle(own, "exit 0");
    const id = containerId(rund);
    for (let round = 0; round < 3; round++) {
      await rund.start(id, bundle);
      await expect.poll(() => rund.state(id)).toMatchObject({ status: "stopped" });
      await rund.ok(["delete", id]);
    }
  });

  it("takes back what an ended container's program has left, and what was made for its mounts", async () => {
    const folder = await testFolder(own);
    const rootfs = `${folder}/rootfs`;
    await busyboxRootfs(rootfs);
    const before = await folderListing(rootfs);
    const mounts = [
      { destination: "/new/folder", type: "tmpfs", source: "tmpfs" },
      { destination: "/new-file", type: "bind", source: "/etc/passwd", options: ["bind", "ro"] },
    ];
    const bundle = await makeBundle(own, "sleep 1000 & touch /new/folder/x", { rootfs, mounts });
    const id = containerId(rund);
    await rund.start(id, bundle);
    await expect.poll(() => rund.state(id)).toMatchObject({ status: "stopped" });
    await rund.ok(["delete", id]);
    await census.expectNoMoreThan(nothing);
    expect(await folderListing(rootfs)).toEqual(before);
  });
});

describe("after a crash", () => {
  /** A `rund run` in the foreground that is killed when its program runs. */
  async function killedRun(terminal: boolean) {
    const bundle = await makeBundle(own, "echo ready; while :; do sleep 0.05; done", { terminal });
    const id = containerId(rund);
    const run = rund.spawn(["run", "--bundle", bundle.path, id]);
    await run.waitFor(/ready/);
    run.kill("SIGKILL");
    return { id, pid: (await rund.state(id)).pid };
  }

  it.each([false, true])(
    "of the run (terminal: %s) the container goes on, and can be deleted",
    async (terminal) => {
      const { id, pid } = await killedRun(terminal);
      expect(await rund.state(id)).toMatchObject({ status: "running" });
      expect((await rund.ok(["exec", id, "echo", "there"])).stdout).toBe("there\n");
      expect((await rund.run(["delete", id])).stderr).toMatch(
        /cannot delete container .* that is not stopped: running/,
      );
      await rund.ok(["delete", "--force", id]);
      expect(isAlive(pid)).toBe(false);
      await census.expectNoMoreThan(nothing);
    },
  );

  it("of a create, at any moment, delete takes back what there is", { timeout: 60_000 }, async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    for (let after = 0; after <= 120; after += 12) {
      const id = containerId(rund);
      const create = rund.spawn(["create", "--bundle", bundle.path, id]);
      await new Promise((resolve) => setTimeout(resolve, after));
      create.kill("SIGKILL");
      await rund.run(["delete", "--force", id]);
      // The launcher ends by itself when its command is gone.
      await census.expectNoMoreThan(nothing);
      expect(await readdir(rund.root).catch(() => [])).toEqual([]);
    }
  });

  it("of a create that got no further than its folder, delete says so and removes it", async () => {
    const id = containerId(rund);
    await mkdir(`${rund.root}/${id}/rootfs`, { recursive: true });
    await writeFile(`${rund.root}/${id}/config.json`, "{}");
    expect((await rund.ok(["list", "-q"])).stdout).toBe("");
    expect((await rund.run(["state", id])).stderr).toBe("rund state: container does not exist\n");
    expect((await rund.run(["delete", id])).stderr).toBe("rund delete: container does not exist\n");
    expect(await readdir(rund.root)).toEqual([]);
  });

  it("a state that cannot be read does not hide the other containers", async () => {
    const bundle = await makeBundle(own, ["sleep", "1000"]);
    const [id, broken] = [containerId(rund), containerId(rund)];
    await rund.start(id, bundle);
    await mkdir(`${rund.root}/${broken}`);
    onTestFinished(() => rm(`${rund.root}/${broken}`, { recursive: true, force: true }));
    await writeFile(`${rund.root}/${broken}/rund.json`, "{");
    const { exitCode, stdout, stderr } = await rund.run(["list", "-q"]);
    expect([exitCode, stdout]).toEqual([0, `${id}\n`]);
    expect(stderr).toContain(broken);
    await rund.ok(["delete", "--force", broken]);
    expect((await rund.ok(["list"])).stderr).toBe("");
  });
});
