import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = resolve(dirname(fileURLToPath(import.meta.url)), "../../src");

/** Which folders a folder of src may import from: docs/architecture.md draws the same arrows. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bin: ["cli", "shim"],
  cli: ["snapshotter", "container", "image", "io", "jail", "mount", "oci", "platform", "common"],
  shim: ["container", "io", "oci", "platform", "ttrpc", "proto", "common"],
  snapshotter: ["platform", "proto", "common"],
  image: ["common"],
  container: ["io", "jail", "mount", "oci", "platform", "common"],
  io: ["platform", "common"],
  jail: ["platform", "common"],
  mount: ["oci", "platform", "common"],
  oci: ["common"],
  platform: ["common"],
  ttrpc: ["proto", "common"],
  proto: ["common"],
  common: [],
};

interface Arrow {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function arrows(): Arrow[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts") && !file.includes("generated/")).flatMap(arrowsOf);
}

function arrowsOf(file: string): Arrow[] {
  const text = readFileSync(join(source, file), "utf8");
  const from = file.split("/")[0] ?? "";
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].flatMap((match) => {
    const target = relative(source, resolve(source, dirname(file), match[1] ?? ""));
    const to = target.split("/")[0] ?? "";
    // package.json, of which the version is read, lies above src.
    return to === from || to === ".." ? [] : [{ file, from, to }];
  });
}

describe("layers", () => {
  it("knows every folder of src", () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => allowed[name] === undefined)).toEqual([]);
  });

  it("has arrows that run one way only", () => {
    const wrong = arrows().filter(({ from, to }) => !allowed[from]?.includes(to));
    expect(wrong.map(({ file, to }) => `${file} imports from ${to}`)).toEqual([]);
  });

  it("finds arrows at all", () => {
    expect(arrows().length).toBeGreaterThan(30);
  });
});
