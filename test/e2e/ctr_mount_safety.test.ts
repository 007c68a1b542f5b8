import { readFileSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Mount } from "../../src/oci/spec.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { folderListing } from "./support/folder_listing.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api } = shared();

/** A root in which links lead to a folder outside of it, and that folder, which nothing may touch. */
async function trap(): Promise<{
  root: string;
  canary: string;
  source: string;
  expectUntouched: () => Promise<void>;
}> {
  const canary = await testFolder();
  for (const folder of ["proc", "dev", "etc", "deep/er"])
    await mkdir(`${canary}/${folder}`, { recursive: true });
  await writeFile(`${canary}/etc/file`, "canary\n");
  const before = await folderListing(canary);
  const source = await testFolder();
  await writeFile(`${source}/file`, "from the volume\n");
  return {
    root: await copyRootfs(),
    canary,
    source,
    expectUntouched: async () => {
      expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(` ${canary}`);
      expect(await folderListing(canary)).toEqual(before);
      expect(readFileSync(`${canary}/etc/file`, "utf8")).toBe("canary\n");
    },
  };
}

const up = "../".repeat(40);

/** Runs a container that should work, and looks at the canary while it runs and after its end. */
async function outputOf(
  script: string,
  root: string,
  mounts: readonly Mount[],
  expectUntouched: () => Promise<void>,
) {
  const spec = jailSpec({ rootfs: root, args: ["sh", "-c", `${script}; echo; read -r x`], mounts });
  const container = await ApiContainer.run(api, spec, { stdin: true });
  const [text = ""] = (await container.stdio?.stdout.waitFor(/^[\s\S]*\n\n/)) ?? [];
  await expectUntouched();
  const ended = container.wait();
  container.stdio?.write("\n");
  await ended;
  await container.delete();
  await expectUntouched();
  return text.trim();
}

describe("a mount target in an image", () => {
  it.each([
    ["an absolute link", (canary: string) => `${canary}/etc`],
    ["a link of many ..", (canary: string) => `${up}${canary.slice(1)}/etc`],
    ["a link to the host's root", () => `${up}tmp`],
  ])("that is %s stays inside", async (_title, link) => {
    const { root, canary, source, expectUntouched } = await trap();
    await symlink(link(canary), `${root}/data`);
    const before = await folderListing(root);
    const mounts = [{ destination: "/data", type: "bind", source, options: ["rbind", "rw"] }];
    const text = await outputOf(
      "cat /data/file; echo new >/data/made; cat /data/made",
      root,
      mounts,
      expectUntouched,
    );
    expect(text).toBe("from the volume\nnew");
    expect(readFileSync(`${source}/made`, "utf8")).toBe("new\n");
    expect(await folderListing(root)).toEqual(before);
  });

  it("below a link that leads out stays inside", async () => {
    const { root, canary, source, expectUntouched } = await trap();
    await rm(`${root}/var`, { recursive: true });
    await symlink(canary, `${root}/var`);
    const before = await folderListing(root);
    const mounts = [
      { destination: "/var/deep/er", type: "bind", source, options: ["rbind", "ro"] },
      { destination: "/var/etc/file", type: "bind", source: `${source}/file`, options: ["bind", "ro"] },
      { destination: "/var/new/folder", type: "tmpfs", source: "tmpfs" },
    ];
    const script = "cat /var/deep/er/file /var/etc/file; touch /var/new/folder/x; ls /var/new/folder";
    const text = await outputOf(script, root, mounts, expectUntouched);
    expect(text).toBe("from the volume\nfrom the volume\nx");
    expect(await folderListing(root)).toEqual(before);
  });

  it.each(["proc", "dev"])("that makes /%s a link out of it never reaches the host", async (name) => {
    const { root, canary, expectUntouched } = await trap();
    await rm(`${root}/${name}`, { recursive: true });
    await symlink(`${up}${canary.slice(1)}/${name}`, `${root}/${name}`);
    const container = await ApiContainer.record(api, jailSpec({ rootfs: root, args: ["true"] }), {
      nullIo: true,
    });
    // Refused or resolved inside the root: both are safe.
    await container.createTask().then(
      async () => {
        await expectUntouched();
        await container.finish();
        await container.delete();
      },
      (error) => expect(error.message).not.toBe(""),
    );
    await expectUntouched();
  });

  it("with .. in the spec stays inside", async () => {
    const { root, canary, source, expectUntouched } = await trap();
    const mounts = [
      { destination: `/${up}${canary.slice(1)}`, type: "bind", source, options: ["rbind", "rw"] },
      { destination: "/etc/../../../opt/data", type: "bind", source, options: ["rbind", "rw"] },
    ];
    const text = await outputOf(`cat ${canary}/file /opt/data/file`, root, mounts, expectUntouched);
    expect(text).toBe("from the volume\nfrom the volume");
  });

  it("that is a link in a circle is refused with a clear text", async () => {
    const { root, source, expectUntouched } = await trap();
    await symlink("/circle", `${root}/circle`);
    const mounts = [{ destination: "/circle/x", type: "bind", source, options: ["rbind", "rw"] }];
    const spec = jailSpec({ rootfs: root, args: ["true"], mounts });
    const container = await ApiContainer.record(api, spec, { nullIo: true });
    await expect(container.createTask()).rejects.toThrow(/too many (levels of )?symbolic links/i);
    await expectUntouched();
  });
});

describe("in the jail", () => {
  it("a working directory through a link that leads out is inside", async () => {
    const { root, canary, expectUntouched } = await trap();
    await symlink(`${canary}/etc`, `${root}/work`);
    const spec = jailSpec({ rootfs: root, args: ["sh", "-c", "ls; cat file"], cwd: "/work" });
    const container = await ApiContainer.record(api, spec);
    await container.createTask().then(
      async () => expect((await container.finish()).stdout).not.toContain("canary"),
      () => undefined,
    );
    await expectUntouched();
  });

  it("a program through a link that leads out is looked up inside", async () => {
    const { root, canary } = await trap();
    await writeFile(`${canary}/tool`, "#!/bin/sh\necho outside\n", { mode: 0o755 });
    await symlink(`${up}${canary.slice(1)}/tool`, `${root}/bin/tool`);
    const container = await ApiContainer.record(api, jailSpec({ rootfs: root, args: ["tool"] }), {
      nullIo: true,
    });
    await expect(container.createTask()).rejects.toThrow(/not found|no such file/);
  });

  it("swapping a folder for a link while execs and deletes go on never leads out", async () => {
    const { root, canary, source, expectUntouched } = await trap();
    await mkdir(`${root}/swap`);
    const script = `while :; do mv /swap /swap.old; ln -s ${up}${canary.slice(1)}/etc /swap; rm /swap; mv /swap.old /swap; done`;
    for (let round = 0; round < 5; round++) {
      const mounts = [{ destination: "/swap/data", type: "bind", source, options: ["rbind", "rw"] }];
      const container = await ApiContainer.run(
        api,
        jailSpec({ rootfs: root, args: ["sh", "-c", script], mounts }),
        {
          nullIo: true,
        },
      );
      await (await container.exec(["true"], { nullIo: true, process: { cwd: "/tmp" } })).finish();
      const ended = container.wait();
      await container.kill(9);
      await ended;
      await container.delete();
      await expectUntouched();
      await rm(`${root}/swap`, { recursive: true, force: true });
      await rm(`${root}/swap.old`, { recursive: true, force: true });
      await mkdir(`${root}/swap`);
    }
  });
});
