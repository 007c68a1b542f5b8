import { writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { folderListing } from "./support/folder_listing.ts";
import { descriptorCount, descriptors, shimPid } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, rootfs } = shared();

describe("nothing is left", () => {
  it("of a container that ended by itself", async () => {
    const before = census.take();
    await ctr.runContainer(["true"]);
    await census.expectNoMoreThan(before);
  });

  it("of a container on a terminal", async () => {
    const before = census.take();
    const session = ctr.pty(ctr.runArguments(["true"], {}, "--rm", "-t"));
    expect(await session.exitCode).toBe(0);
    await census.expectNoMoreThan(before);
  });

  it("of a container that was killed, with execs running", async () => {
    const before = census.take();
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    for (const id of ["a", "b"]) {
      await (await container.exec(["sleep", "1000"], { execId: id, nullIo: true })).start();
    }
    const ended = container.wait();
    await container.kill(9);
    await ended;
    await container.delete();
    await census.expectNoMoreThan(before);
  });

  it("of a container that was created and never started", async () => {
    const before = census.take();
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["true"] }));
    await container.delete();
    await census.expectNoMoreThan(before);
  });

  it("after 50 runs in a row", async () => {
    const before = census.take();
    for (let run = 0; run < 50; run++) {
      const result = await ctr.runContainer(["/bin/sh", "-c", `sleep 1000 & exit ${run}`], { rootfs });
      expect(result.exitCode).toBe(run);
    }
    await census.expectNoMoreThan(before);
  });

  it("of 20 containers at once", async () => {
    const before = census.take();
    const ids = Array.from({ length: 20 }, () => uniqueId("many"));
    onTestFinished(async () => void (await Promise.all(ids.map((id) => ctr.remove(id)))));
    const results = await Promise.all(
      ids.map((id) => ctr.runContainer(["sh", "-c", `echo ${id}`], { id, timeout: 50_000 })),
    );
    expect(results.map((result) => result.stdout)).toEqual(ids.map((id) => `${id}\n`));
    await census.expectNoMoreThan(before);
  });
});

describe("nothing is left in the root", () => {
  it("of the mounts of a container, and of targets made for them", async () => {
    const root = await copyRootfs();
    const volume = await testFolder();
    await writeFile(`${volume}/file`, "content\n");
    const before = await folderListing(root);
    const mounts = [
      { destination: "/not/there/yet", type: "bind", source: volume, options: ["rbind", "rw"] },
      { destination: "/etc/new-file", type: "bind", source: `${volume}/file`, options: ["bind", "ro"] },
      { destination: "/etc/passwd", type: "bind", source: `${volume}/file`, options: ["bind", "ro"] },
      { destination: "/fresh/tmpfs", type: "tmpfs", source: "tmpfs" },
    ];
    const script = "cat /not/there/yet/file /etc/new-file /etc/passwd; touch /fresh/tmpfs/x; sleep 1000 &";
    const container = await ApiContainer.create(
      api,
      jailSpec({ rootfs: root, args: ["sh", "-c", script], mounts }),
    );
    expect(await container.finish()).toMatchObject({ exitCode: 0, stdout: "content\n".repeat(3) });
    await container.delete();
    expect(await folderListing(root)).toEqual(before);
  });

  it("of a container of ctr's default shape", async () => {
    const root = await copyRootfs();
    const before = await folderListing(root);
    const flags = ["--mount", `type=bind,src=${await testFolder()},dst=/a/b/c,options=rbind:rw`];
    const result = await ctr.runContainer(["/bin/true"], { rootfs: root, flags });
    expect(result.exitCode).toBe(0);
    await expect.poll(() => folderListing(root), { timeout: 10_000 }).toEqual(before);
  });

  it("but what the container itself has written stays", async () => {
    const root = await copyRootfs();
    const mounts = [{ destination: "/made/by/mount", type: "tmpfs", source: "tmpfs" }];
    const args = ["sh", "-c", "echo kept >/made/file; mkdir /made/by/hand"];
    const container = await ApiContainer.create(api, jailSpec({ rootfs: root, args, mounts }));
    await container.finish();
    await container.delete();
    const made = (await folderListing(root)).filter((entry) => entry.startsWith("made"));
    expect(made.map((entry) => entry.split(" ")[0])).toEqual([
      "made",
      "made/by",
      "made/by/hand",
      "made/file",
    ]);
  });
});

describe("a shim", () => {
  it("has as few descriptors after 40 execs as after the first ones", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const pid = shimPid(container.id);
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round++) {
        const exec = await container.exec(["echo", "hi"], {
          terminal: round % 4 === 0,
          stdin: round % 2 === 0,
        });
        await exec.finish();
        await exec.delete();
      }
    };
    await rounds(4);
    const before = descriptorCount(pid);
    await rounds(40);
    await expect
      .poll(() => descriptorCount(pid), { timeout: 5000, message: descriptors(pid).join("\n") })
      .toBeLessThanOrEqual(before);
  });

  it("leaves no descriptor of its own or of other execs to an exec", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      stdin: true,
    });
    for (let round = 0; round < 3; round++) await (await container.exec(["sleep", "1000"])).start();
    // No pipe of the shell's own, whose ends it has for a moment.
    const exec = await container.exec(["sh", "-c", "ls /proc/$$/fd; :"]);
    expect((await exec.finish()).stdout).toMatch(/^0\n1\n2\n(3\n|10\n)?$/);
  });
});
