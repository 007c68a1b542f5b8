import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ctr } from "../../harness/ctr.ts";
import { projectFolder } from "../../harness/project_paths.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { SnapshotterDaemons } from "./support/snapshotter_daemons.ts";

const launcher = `${projectFolder}/dist/libexec/rund-jail`;
const layerType = "application/vnd.oci.image.layer.v1.tar";

let daemons: SnapshotterDaemons;
let ctr: Ctr;

beforeAll(async () => {
  daemons = await SnapshotterDaemons.start({ containerd: "2.1" });
  ctr = daemons.ctr;
}, 300_000);

afterAll(async () => {
  await daemons.stop();
});

const snapshots = (...args: string[]) => ctr.ok(["snapshots", "--snapshotter", "rund", ...args]);

/** The folder of an active snapshot. */
async function folderOf(key: string): Promise<string> {
  const { stdout } = await snapshots("mounts", "/mnt", key);
  return /-t bind (\S+)/.exec(stdout)?.[1] ?? stdout;
}

/** A committed snapshot and an active one on it, in which something has changed. Answers their folders. */
async function changed(key: string, change: (folder: string) => Promise<void>): Promise<[string, string]> {
  await snapshots("prepare", `${key}-base`);
  const lower = await folderOf(`${key}-base`);
  await mkdir(`${lower}/etc`);
  await writeFile(`${lower}/etc/kept`, "kept");
  await writeFile(`${lower}/etc/gone`, "gone");
  await snapshots("commit", `${key}-committed`, `${key}-base`);
  await snapshots("prepare", key, `${key}-committed`);
  const upper = await folderOf(key);
  await change(upper);
  return [lower, upper];
}

/** The layer that ctr has made of an active snapshot, as it is in the content store. */
async function diff(key: string, ...flags: string[]): Promise<Buffer> {
  const file = `${daemons.folder}/${key}.layer`;
  const out = createWriteStream(file);
  await once(out, "open");
  const args = [...ctr.prefix, "snapshots", "--snapshotter", "rund", "diff", ...flags, key];
  await execa(ctr.program, args, { stdout: out });
  return readFile(file);
}

describe("ctr snapshots diff", () => {
  test.each([
    ["gzip", `${layerType}+gzip`, "gzip -dc"],
    ["zstd", `${layerType}+zstd`, "zstd -dc"],
    ["no compression", layerType, "cat"],
  ])("makes a layer with %s", async (_, mediaType, unpack) => {
    const key = uniqueId();
    const [lower, upper] = await changed(key, async (folder) => {
      await rm(`${folder}/etc/gone`);
      await writeFile(`${folder}/new`, Buffer.alloc(3_000_000, "text "));
    });
    const layer = await diff(key, "--media-type", mediaType, "--keep");
    const archive = await execa("sh", ["-c", unpack], { input: layer, encoding: "buffer" });
    const expected = await execa(launcher, ["diff", "--lower", lower, "--upper", upper], {
      encoding: "buffer",
    });
    expect(Buffer.from(archive.stdout).equals(Buffer.from(expected.stdout))).toBe(true);
    const digest = (content: Uint8Array) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const { stdout } = await ctr.ok(["content", "ls"]);
    const line = stdout.split("\n").find((row) => row.includes(digest(layer))) ?? "";
    const label = `containerd.io/uncompressed=${digest(archive.stdout)}`;
    if (mediaType !== layerType) expect(line).toContain(label);
    expect(daemons.snapshotter.log()).not.toContain('"level":"error"');
  });

  test.each(["gzip", "zstd"])("makes the same bytes each time, compressed with %s", async (compression) => {
    const key = uniqueId();
    await changed(key, async (folder) => {
      const words = Array.from({ length: 1 << 16 }, (_, word) => `${(word * 2_654_435_761) % 9973} `).join(
        "",
      );
      await writeFile(`${folder}/words`, Buffer.alloc(20 << 20, words));
    });
    const layers: string[] = [];
    for (let run = 0; run < 3; run++) {
      const layer = await diff(key, "--media-type", `${layerType}+${compression}`);
      layers.push(createHash("sha256").update(layer).digest("hex"));
    }
    expect(new Set(layers).size).toBe(1);
  });

  test.each([
    ["is left to the walking differ for large files that stay as they are", 2, layerType, false],
    ["is this differ's for small files that stay as they are", 10_240, layerType, true],
    ["is this differ's for large files that are compressed", 2, `${layerType}+zstd`, true],
  ])("%s", async (_, files, mediaType, isOwn) => {
    const key = uniqueId();
    const content = Buffer.alloc((40 << 20) / files, "text ");
    await changed(key, async (folder) => {
      for (let at = 0; at < files; at++) await writeFile(`${folder}/${at}`, content);
    });
    // This differ takes a lease for each of its layers, and the other one none.
    const leases = async () => (await ctr.ok(["leases", "ls", "--quiet"])).stdout.split("rund-diff-").length;
    const before = await leases();
    const layer = await diff(key, "--media-type", mediaType);
    expect((await leases()) - before).toBe(isOwn ? 1 : 0);
    const unpack = mediaType === layerType ? "tar -t" : "zstd -dc | tar -t";
    const { stdout } = await execa("sh", ["-c", unpack], { input: layer });
    expect(stdout.split("\n").filter((name) => /^\d+$/.test(name)).length).toBe(files);
  });

  test("is this differ's work; what it declines, such as other mounts, is the walking differ's", async () => {
    const key = uniqueId();
    await changed(key, (folder) => writeFile(`${folder}/.wh.name`, ""));
    // The walking differ would not mind.
    const refused = await ctr.run(["snapshots", "--snapshotter", "rund", "diff", key]);
    expect(refused.stderr).toContain("/.wh.name: invalid argument");
    const overlay = (...args: string[]) => ctr.ok(["snapshots", "--snapshotter", "overlayfs", ...args]);
    await overlay("prepare", `${key}-lower`);
    await overlay("commit", `${key}-parent`, `${key}-lower`);
    await overlay("prepare", `${key}-upper`, `${key}-parent`);
    const layer = await overlay("diff", "--media-type", layerType, `${key}-upper`);
    expect(layer.stdout).toMatch(/^\0*$/);
  });
});
