import { describe, expect, it } from "vitest";
import type { LayerEntry } from "../../../src/image/layer_entry.ts";
import { layerTar } from "../../../src/image/layer_tar.ts";
import { readTar } from "../../build/support/tar_reader.ts";

const folder: LayerEntry = {
  kind: "folder",
  path: "a",
  source: undefined,
  mode: 0o1755,
  uid: 0,
  gid: 0,
  mtime: 1,
  size: 0,
};

async function written(...entries: readonly LayerEntry[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of layerTar(entries, () => {})) parts.push(chunk);
  return Buffer.concat(parts);
}

describe("a layer's archive", () => {
  it("has numbers in place of names, and whole seconds", async () => {
    const [entry] = readTar(await written({ ...folder, uid: 501, gid: 20, mtime: 1_700_000_000 }));
    expect(entry).toMatchObject({
      path: "a",
      type: "d",
      mode: 0o1755,
      uid: 501,
      gid: 20,
      mtime: 1_700_000_000,
    });
  });

  it("has users that the plain format has no room for, such as macOS's nobody", async () => {
    const [entry] = readTar(await written({ ...folder, uid: 4_294_967_294, gid: 4_294_967_294 }));
    expect(entry).toMatchObject({ uid: 4_294_967_294, gid: 4_294_967_294 });
  });

  it.each([
    ["long", "x".repeat(300)],
    ["deep", "abcdefghi/".repeat(40).slice(0, -1)],
    ["other letters", `${"ü".repeat(60)}/${"日本".repeat(40)}`],
    ["odd characters", "a\nb\tc\\d *?"],
    ["exactly as long as a header's field", "y".repeat(100)],
  ])("has paths that are %s, and links to them", async (_, path) => {
    const entries = readTar(
      await written(
        { ...folder, kind: "fifo", path },
        { ...folder, kind: "symlink", path: "s", target: `/${path}` },
        { ...folder, kind: "link", path: "l", target: path },
        { ...folder, path: "last" },
      ),
    );
    expect(entries.map(({ path: name, type, link }) => [name, type, link])).toEqual([
      [path, "p", ""],
      ["s", "l", `/${path}`],
      ["l", "h", path],
      ["last", "d", ""],
    ]);
  });

  it("ends with an error of what it is made of", async () => {
    function* broken(): Generator<LayerEntry> {
      yield folder;
      throw new Error("broken");
    }
    const read = async () => {
      for await (const _ of layerTar(broken(), () => {}));
    };
    await expect(read()).rejects.toThrow("broken");
  });
});
