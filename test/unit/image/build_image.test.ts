import {
  appendFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ArchiveTarget } from "../../../src/image/archive_target.ts";
import { buildImage } from "../../../src/image/build_image.ts";
import { compression } from "../../../src/image/compression.ts";
import { LayoutTarget } from "../../../src/image/layout_target.ts";
import { readContent } from "../../../src/image/read_content.ts";
import { readTar } from "../../build/support/tar_reader.ts";
import { built, fill, layerLines, sandbox, scanned, silent, walked } from "./support/image_sandbox.ts";

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const long = `${"d".repeat(90)}/${"e".repeat(200)}`;
const list = "[a]\n/a\n[b]\n/b";

/** Two folders of which each becomes a layer, with fixed times. */
function tree(): string {
  const root = fill(sandbox(), { "a/x": "text", "a/link -> x": "", "b/y": "more", [`b/${long}`]: "long" });
  for (const path of ["a/x", "a/link", "b/y", `b/${long}`, "a", "b", `b/${"d".repeat(90)}`]) {
    lutimesSync(join(root, path), 1_000_000_000, 1_000_000_000);
  }
  return root;
}

describe("an image as a folder", () => {
  it("is an OCI layout with a layer for each heading", async () => {
    const folder = join(sandbox(), "layout");
    const image = await built(list, tree(), new LayoutTarget(folder), { compression: compression("none") });
    expect(json(join(folder, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const [descriptor] = json(join(folder, "index.json")).manifests;
    expect(descriptor).toMatchObject({
      digest: image.digest,
      platform: { os: "linux", architecture: "amd64" },
      annotations: { "io.containerd.image.name": "docker.io/library/test:latest" },
    });
    const manifest = json(join(folder, "blobs", image.digest.replace(":", "/")));
    expect(manifest.layers.map(({ digest }: { digest: string }) => digest)).toEqual(
      image.layers.map(({ digest }) => digest),
    );
    const config = json(join(folder, "blobs", manifest.config.digest.replace(":", "/")));
    expect(config).toMatchObject({
      os: "linux",
      architecture: "amd64",
      created: expect.stringMatching(/^20\d\d-/),
      rootfs: { type: "layers", diff_ids: image.layers.map(({ diffId }) => diffId) },
      config: { Env: ["A=b"] },
    });
    const [a, b] = image.layers.map(({ digest }) => layerLines(folder, digest));
    expect(a).toEqual([
      "d0755 0:0 a",
      "l0777 0:0 a/link -> x",
      expect.stringMatching(/^-0644 0:0 a\/x [0-9a-f]{12}$/),
    ]);
    expect(b).toContainEqual(expect.stringContaining(`b/${long}`));
  });

  it("takes further images, shares their blobs, and has the last one of each name", async () => {
    const folder = join(sandbox(), "layout");
    const root = tree();
    const first = await built(list, root, new LayoutTarget(folder));
    await built(list, root, new LayoutTarget(folder), { name: "docker.io/library/other:latest" });
    const before = readdirSync(join(folder, "blobs/sha256"));
    writeFileSync(join(root, "b/y"), "changed");
    const second = await built(list, root, new LayoutTarget(folder));
    expect(second.layers[0]).toEqual(first.layers[0]);
    expect(second.layers[1]?.digest).not.toBe(first.layers[1]?.digest);
    // One layer, the configuration and the manifest.
    expect(readdirSync(join(folder, "blobs/sha256"))).toHaveLength(before.length + 3);
    const names = json(join(folder, "index.json")).manifests.map(
      (image: { annotations: Record<string, string> }) => image.annotations["io.containerd.image.name"],
    );
    expect(names).toEqual(["docker.io/library/other:latest", "docker.io/library/test:latest"]);
  });

  it("is not written over other things", () => {
    const folder = fill(sandbox(), { file: "" });
    expect(() => new LayoutTarget(folder)).toThrow("is not empty and not an OCI layout");
    expect(() => new LayoutTarget(join(folder, "no/where"))).toThrow("no such file or directory");
  });
});

describe("an image as an archive", () => {
  it("is the layout as a tar file, with docker's list of it", async () => {
    const folder = sandbox();
    const [file, layout] = [join(folder, "image.tar"), join(folder, "layout")];
    const root = tree();
    const image = await built(list, root, new ArchiveTarget(file));
    await built(list, root, new LayoutTarget(layout));
    const entries = readTar(readFileSync(file));
    const contents = new Map(entries.map(({ path, content }) => [path, content]));
    expect(contents.size).toBe(entries.length);
    for (const name of readdirSync(join(layout, "blobs/sha256"))) {
      expect(contents.get(`blobs/sha256/${name}`)).toEqual(readFileSync(join(layout, "blobs/sha256", name)));
    }
    expect(contents.get("index.json")).toEqual(readFileSync(join(layout, "index.json")));
    const [docker] = JSON.parse(String(contents.get("manifest.json")));
    expect(docker.RepoTags).toEqual(["docker.io/library/test:latest"]);
    expect(docker.Layers).toEqual(image.layers.map(({ digest }) => `blobs/${digest.replace(":", "/")}`));
    expect(contents.has(docker.Config)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["image.tar", "layout"]);
  });

  it("holds the same bytes when it is made again, also of a copy", async () => {
    const folder = sandbox();
    for (const name of ["1.tar", "2.tar"]) await built(list, tree(), new ArchiveTarget(join(folder, name)));
    expect(readFileSync(join(folder, "1.tar")).equals(readFileSync(join(folder, "2.tar")))).toBe(true);
  });

  it("has a blob that two layers have in common once", async () => {
    const file = join(sandbox(), "image.tar");
    const image = await built(
      "[a]\n+/x\n[b]\n/other <- /b",
      fill(sandbox(), { "b/": "" }),
      new ArchiveTarget(file),
    );
    expect(image.layers).toHaveLength(2);
    const again = await built("[a]\n+/x\n[b]\n+/x", sandbox(), new ArchiveTarget(file));
    expect(again.layers).toHaveLength(1);
    expect(readTar(readFileSync(file)).map(({ path }) => path)).toHaveLength(6);
  });

  it("has no time behind SOURCE_DATE_EPOCH", async () => {
    const folder = join(sandbox(), "layout");
    const root = tree();
    utimesSync(join(root, "a/x"), 2_000_000_000, 2_000_000_000);
    const image = await built(list, root, new LayoutTarget(folder), {
      epoch: 1_500_000_000,
      compression: compression("none"),
    });
    const digest = image.layers[0]?.digest ?? "";
    const entries = readTar(readFileSync(join(folder, "blobs", digest.replace(":", "/"))));
    expect(entries.find(({ path }) => path === "a/x")?.mtime).toBe(1_500_000_000);
    expect(entries.find(({ path }) => path === "a")?.mtime).toBe(1_000_000_000);
  });
});

describe("an image that does not come about", () => {
  const targets = {
    archive: (folder: string) => new ArchiveTarget(join(folder, "image.tar")),
    folder: (folder: string) => new LayoutTarget(join(folder, "image")),
  };

  it.each(Object.entries(targets))("leaves no %s when it is interrupted", async (_, make) => {
    const [root, folder] = [tree(), sandbox()];
    writeFileSync(join(root, "b/big"), Buffer.alloc(8 << 20, 1));
    const target = make(folder);
    const { request } = await scanned(list, root, target.places);
    const controller = new AbortController();
    let read = 0;
    const progress = {
      ...silent,
      read: (bytes: number) => {
        read += bytes;
        if (read > 3 << 20) controller.abort(new Error("interrupted"));
      },
    };
    await expect(buildImage(request, target, progress, controller.signal)).rejects.toThrow("interrupted");
    expect(read).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(Object.entries(targets))("leaves no %s when a folder is gone by then", async (_, make) => {
    const [root, folder] = [tree(), sandbox()];
    const target = make(folder);
    const { request } = await scanned(list, root, target.places);
    const progress = {
      ...silent,
      layer: (name: string) => name === "b" && rmSync(join(root, "b"), { recursive: true }),
    };
    const work = buildImage(request, target, progress, new AbortController().signal);
    await expect(work).rejects.toThrow("no such file or directory");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves a layout that was there as it was", async () => {
    const [root, folder] = [tree(), join(sandbox(), "layout")];
    await built(list, root, new LayoutTarget(folder));
    const before = readdirSync(join(folder, "blobs/sha256"));
    writeFileSync(join(root, "a/x"), "new");
    const target = new LayoutTarget(folder);
    const { request } = await scanned(list, root, target.places);
    const controller = new AbortController();
    const progress = { ...silent, finishing: () => controller.abort(new Error("interrupted")) };
    target.finish = () => Promise.reject(new Error("interrupted"));
    await expect(buildImage(request, target, progress, controller.signal)).rejects.toThrow("interrupted");
    expect(readdirSync(join(folder, "blobs/sha256"))).toEqual(before);
  });
});

describe("a file's content", () => {
  const entryOf = (root: string) => {
    const entry = walked("/file", root).entries.find(({ path }) => path === "file");
    if (entry === undefined) throw new Error("there is no file");
    return entry;
  };
  const drain = async (entry: ReturnType<typeof entryOf>, between = () => {}) => {
    for await (const _ of readContent(entry)) between();
  };

  it("is refused when the file has changed since it was looked at", async () => {
    const root = fill(sandbox(), { file: "text" });
    const entry = entryOf(root);
    appendFileSync(join(root, "file"), "more");
    await expect(drain(entry)).rejects.toThrow("file: has changed while it was read");
  });

  it("is refused when the file changes while it is read", async () => {
    const root = sandbox();
    writeFileSync(join(root, "file"), Buffer.alloc(3 << 20));
    const entry = entryOf(root);
    await expect(drain(entry, () => appendFileSync(join(root, "file"), "x"))).rejects.toThrow("has changed");
  });

  it("is refused when a link has taken the file's place", async () => {
    const root = fill(sandbox(), { file: "text" });
    const entry = entryOf(root);
    rmSync(join(root, "file"));
    symlinkSync("/etc/passwd", join(root, "file"));
    await expect(drain(entry)).rejects.toThrow("too many levels of symbolic links");
  });
});

describe("a look through everything", () => {
  it("leaves the image itself out when it is written among its files", async () => {
    const root = tree();
    mkdirSync(join(root, "out"));
    const target = new ArchiveTarget(join(root, "out/image.tar"));
    await built("/", root, target);
    const again = new ArchiveTarget(join(root, "out/image.tar"));
    const { scan } = await scanned("/", root, again.places);
    expect(scan.layers[0]?.entries).toBe(walked("/", root).entries.length - 1);
  });

  it("counts what is in it", async () => {
    const { scan } = await scanned(`${list}\n!/a/*\n!/c`, tree());
    expect(scan.layers).toEqual([
      { name: "a", entries: 3, bytes: 4 },
      { name: "b", entries: 4, bytes: 8 },
    ]);
    expect(scan.unmatched).toEqual(["/c"]);
    expect(scan.problems.size).toBe(0);
  });
});

describe("compression", () => {
  it("takes levels that the compressor knows", () => {
    expect(() => compression("gzip", 10)).toThrow("--level 10: must be 1 to 9 for gzip");
    expect(compression("gzip", 9).mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
    expect(compression("none").compress).toBeUndefined();
  });
});
