import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uniqueId } from "../../harness/unique_id.ts";
import { writeLayeredImage } from "./support/layered_image.ts";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

/** The differ declines to apply layers: these go through containerd's own applier, into rund's trees. */
describe.each(["2.3", "2.1", "1.7"] as const)("layers applied by containerd %s", (containerd) => {
  let daemons: SnapshotterDaemons;
  let outside: string;

  beforeAll(async () => {
    daemons = await SnapshotterDaemons.start({ containerd });
    outside = `${daemons.folder}/outside`;
  }, 300_000);

  afterAll(() => daemons?.stop());

  const ofRund = ["snapshots", "--snapshotter", "rund"];

  /** Imports an image; its tree, or what the refusal said. */
  async function unpack(...layers: string[]): Promise<{ tree: string; refusal: string }> {
    const [file, name] = [`${daemons.folder}/${uniqueId()}.tar`, `example.org/${uniqueId()}:latest`];
    writeLayeredImage(file, name, layers);
    const before = await committed();
    const result = await daemons.ctr.run(["image", "import", "--snapshotter", "rund", file]);
    if (result.exitCode !== 0) return { tree: "", refusal: result.stderr };
    // The newest has a child that the others have not: it is nobody's parent.
    const parents = new Set((await lines()).map(([, parent]) => parent));
    const top = (await committed()).find((key) => !before.includes(key) && !parents.has(key)) ?? "";
    const key = uniqueId();
    await daemons.ctr.ok([...ofRund, "prepare", key, top]);
    const { stdout } = await daemons.ctr.ok([...ofRund, "mounts", "/mnt", key]);
    return { tree: /-t bind (\S+)/.exec(stdout)?.[1] ?? "", refusal: "" };
  }

  async function lines(): Promise<string[][]> {
    const { stdout } = await daemons.ctr.ok([...ofRund, "ls"]);
    return stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/\s+/));
  }

  async function committed(): Promise<string[]> {
    return (await lines()).filter((line) => line.includes("Committed")).map(([key = ""]) => key);
  }

  test("have whiteouts, opaque folders, links, devices, owners and attributes", async () => {
    const { tree, refusal } = await unpack(
      `folder("etc"); file("etc/kept", "kept"); file("etc/gone"); folder("opaque"); file("opaque/old")
file("file-then-folder"); folder("folder-then-file"); file("folder-then-file/below")`,
      `file("etc/.wh.gone"); file("opaque/.wh..wh..opq"); file("opaque/new", "new", uid=7, mode=0o4755)
hard_link("linked", "opaque/new", uid=7, mode=0o4755); link("link", "etc/kept"); device("null", 1, 3)
file("with", "x", attributes={"user.name": "value"}); folder("file-then-folder"); file("folder-then-file")
file("${"long/".repeat(40)}file", "deep")`,
    );
    expect(refusal).toBe("");
    expect(readdirSync(`${tree}/etc`)).toEqual(["kept"]);
    expect(readdirSync(`${tree}/opaque`)).toEqual(["new"]);
    const file = statSync(`${tree}/opaque/new`);
    expect(file).toMatchObject({ uid: 7, nlink: 2, ino: statSync(`${tree}/linked`).ino });
    expect(file.mode & 0o7777).toBe(0o4755);
    expect(readlinkSync(`${tree}/link`)).toBe("etc/kept");
    expect(lstatSync(`${tree}/null`)).toMatchObject({ rdev: statSync("/dev/null").rdev });
    expect(statSync(`${tree}/file-then-folder`).isDirectory()).toBe(true);
    expect(statSync(`${tree}/folder-then-file`).isFile()).toBe(true);
    expect(readFileSync(`${tree}/${"long/".repeat(40)}file`, "utf8")).toBe("deep");
    const script = "import os, sys; print(os.getxattr(sys.argv[1], 'user.name').decode())";
    expect(execFileSync("python3", ["-c", script, `${tree}/with`], { encoding: "utf8" })).toBe("value\n");
  });

  test.each([
    ["a link that leads out", (to: string) => `link("out", "${to}"); file("out/escaped", "x")`],
    ["a link that goes up", () => `link("out", "../../../../../../../tmp"); file("out/escaped", "x")`],
    ["a name that goes up", () => `file("../../escaped", "x"); file("a/../../../escaped-too", "x")`],
    ["an absolute name", (to: string) => `file("${to}/escaped", "x")`],
    ["a hard link to a file outside", () => `hard_link("stolen", "../../../../../../../etc/shadow")`],
    ["a whiteout of what is outside", () => `link("out", "/"); file("out/etc/.wh.passwd")`],
    ["a device in place of a folder", () => `device("etc", 1, 1); file("etc/passwd", "x")`],
  ])("with %s reach nothing outside", async (_, layer) => {
    const shadow = statSync("/etc/shadow").nlink;
    const { tree } = await unpack(`folder("usr")`, layer(outside));
    expect(existsSync(outside)).toBe(false);
    expect(existsSync("/tmp/escaped")).toBe(false);
    expect(existsSync("/etc/passwd")).toBe(true);
    expect(statSync("/etc/shadow").nlink).toBe(shadow);
    const { root } = daemons.snapshotter;
    expect(readdirSync(root).sort()).toEqual(["snapshots", "trees", "work"]);
    expect(readdirSync(`${root}/trees`).filter((name) => name.startsWith("escaped"))).toEqual([]);
    if (tree !== "") expect(tree.startsWith(`${root}/trees/`)).toBe(true);
  });

  test("one that is cut off, or not what it is said to be, is refused and leaves nothing", async () => {
    const before = (await lines()).length;
    const { refusal } = await unpack(`file("fine"); layer.fileobj.write(b"x" * 700)`);
    expect(refusal).not.toBe("");
    await expect.poll(async () => (await lines()).length, { timeout: 15_000 }).toBe(before);
  });
});
