import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { projectFolder } from "../harness/project_paths.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, daemons, rootfs } = shared();

/** The config.json of an example, with its paths of some other host replaced. */
async function example(name: string, paths: Readonly<Record<string, string>> = {}): Promise<Spec> {
  let text = await readFile(`${projectFolder}/bundle-examples/${name}/config.json`, "utf8");
  for (const [from, to] of Object.entries(paths)) text = text.replaceAll(from, to);
  return JSON.parse(text) as Spec;
}

/** Runs a spec whose root containerd sends along, as it does for a snapshot. */
async function run(spec: Spec, sent?: string) {
  const container = await ApiContainer.record(api, spec);
  const rootfs = sent === undefined ? [] : [{ type: "bind", source: sent, options: ["rbind", "rw"] }];
  await api.tasks.create({ containerId: container.id, rootfs, ...container.stdio?.request });
  const end = await container.finish();
  await container.remove();
  return end;
}

describe("an example bundle", () => {
  it("of BuildKit's and containerd's shape for macOS runs", async () => {
    const before = census.take();
    const result = await run(await example("darwin"), await copyRootfs());
    expect(result).toEqual({ exitCode: 0, stdout: "hello from /\n/dev/null\n", stderr: "" });
    await census.expectNoMoreThan(before);
  });

  it("of docker's shape for macOS runs", async () => {
    const before = census.take();
    const files = await testFolder();
    for (const name of ["resolv.conf", "hosts", "hostname"])
      await writeFile(`${files}/${name}`, `${name} of docker\n`);
    const spec = await example("docker-darwin", {
      "/private/var/lib/docker/rootfs/1": await copyRootfs(),
      "/private/var/lib/docker/containers/1": files,
    });
    expect(await run(spec)).toEqual({
      exitCode: 0,
      stdout: "hello from /work\nhostname of docker\n/dev/null\n",
      stderr: "",
    });
    await census.expectNoMoreThan(before);
  });

  it("of ctr's shape for Linux runs, and what a jail cannot have is told once", async () => {
    const before = census.take();
    const containerdLog = `${daemons.folder}/containerd.log`;
    const start = (await readFile(containerdLog, "utf8")).length;
    const result = await run(await example("ctr-linux"), await copyRootfs());
    expect(result.stdout).toBe("hello from /\n/dev/null\nCapBnd:\t00000000a80425fb\n0\n");
    expect(result.stderr).toMatch(/Read-only file system/);
    const log = (await readFile(containerdLog, "utf8")).slice(start);
    const told = log.split("\n").filter((line) => line.includes("left out"));
    expect(told.map((line) => /msg="([^"]*)"/.exec(line)?.[1])).toEqual([
      "left out of the spec, a jail cannot have it: linux.namespaces, linux.resources, linux.cgroupsPath",
      "left out mounts that a jail cannot have: /sys/fs/cgroup (cgroup)",
    ]);
    await census.expectNoMoreThan(before);
  });
});

/** The first words of a macOS program for Apple's processors. */
const machO = Buffer.concat([
  Buffer.from("cffaedfe0c00000100000000020000001000000000000000", "hex"),
  Buffer.alloc(64),
]);
/** And of one for both kinds of Mac. */
const universal = Buffer.concat([
  Buffer.from("cafebabe00000002010000070000000300004000", "hex"),
  Buffer.alloc(64),
]);

describe("a macOS program", () => {
  it.each([
    ["for one processor", machO, "arm64"],
    ["for both", universal, "universal"],
  ])("%s is refused on Linux with what would help", async (_kind, content, machine) => {
    const root = await copyRootfs();
    await writeFile(`${root}/bin/tool`, content);
    await chmod(`${root}/bin/tool`, 0o755);
    await expect(run(jailSpec({ rootfs: root, args: ["tool"] }))).rejects.toThrow(
      new RegExp(
        `exec: "tool": exec format error: the image has a macOS program \\(${machine}\\), ` +
          "and this host runs Linux \\(\\w+\\): use an image for linux/\\w+",
      ),
    );
  });

  it("that a script is for is refused too", async () => {
    const root = await copyRootfs();
    await mkdir(`${root}/opt`);
    await writeFile(`${root}/opt/shell`, machO);
    await writeFile(`${root}/opt/script`, "#! /opt/shell -e\necho never\n");
    for (const name of ["shell", "script"]) await chmod(`${root}/opt/${name}`, 0o755);
    await expect(run(jailSpec({ rootfs: root, args: ["/opt/script"] }))).rejects.toThrow(
      /has a macOS program/,
    );
  });

  it("is not what a class file of Java is taken for", async () => {
    const root = await copyRootfs();
    await cp(`${rootfs}/bin/busybox`, `${root}/bin/tool`);
    await writeFile(
      `${root}/bin/class`,
      Buffer.from("cafebabe0000003d00000000000000000000000000000000", "hex"),
    );
    await chmod(`${root}/bin/class`, 0o755);
    await expect(run(jailSpec({ rootfs: root, args: ["class"] }))).rejects.toThrow(
      // containerd up to 1.7 puts the code's text behind each message.
      /class: exec format error(: invalid argument)?$/m,
    );
  });
});

describe("users of their own", () => {
  it.each([
    [{ namespaces: [{ type: "user" }] }, /jails share the host's, a user namespace/],
    [{ uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }] }, /a user namespace cannot be set up/],
  ])("%j are refused: root in the jail would be the host's", async (linux, text) => {
    await expect(run({ ...jailSpec({ rootfs, args: ["true"] }), linux })).rejects.toThrow(text);
  });
});
