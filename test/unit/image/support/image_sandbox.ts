import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import {
  type BuiltImage,
  buildImage,
  type ImageProgress,
  type ImageRequest,
} from "../../../../src/image/build_image.ts";
import { compression } from "../../../../src/image/compression.ts";
import { parseList } from "../../../../src/image/image_list.ts";
import { planImage } from "../../../../src/image/image_plan.ts";
import type { ImageTarget } from "../../../../src/image/image_target.ts";
import type { LayerEntry } from "../../../../src/image/layer_entry.ts";
import { matcher } from "../../../../src/image/matcher.ts";
import { type ImageScan, scanImage } from "../../../../src/image/scan_image.ts";
import { walkLayer } from "../../../../src/image/walk_layer.ts";
import { entryLine, readTar } from "../../../build/support/tar_reader.ts";

/** A folder for the running test, removed when it ends. */
export function sandbox(): string {
  const folder = mkdtempSync(join(tmpdir(), "rund-image-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Fills a folder: `path/` is a folder, `path -> target` a link, and everything else a file with the text it is given. */
export function fill(folder: string, files: Readonly<Record<string, string | number>>): string {
  for (const [key, content] of Object.entries(files)) {
    const [path = "", target] = key.split(" -> ");
    const place = join(folder, path);
    mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (target !== undefined) symlinkSync(target, place);
    else if (typeof content === "number") chmodSync(place, content);
    else if (!path.endsWith("/")) writeFileSync(place, content);
  }
  return folder;
}

export interface Walked {
  /** `path`, `path/`, `path -> target`, by layer; `path == other` for a second name. */
  readonly layers: Readonly<Record<string, readonly string[]>>;
  readonly problems: ReadonlyMap<string, string>;
  readonly leftOut: readonly string[];
  readonly entries: readonly LayerEntry[];
}

/** What a list puts where. */
export function walked(text: string, root: string): Walked {
  const list = parseList(text, "list");
  const plan = planImage(list, root);
  const problems = new Map<string, string>();
  const leftOut: string[] = [];
  const all: LayerEntry[] = [];
  const layers = plan.layers.map((name, index) => {
    const entries = [
      ...walkLayer(plan, index, {
        isExcluded: matcher(list.excluded),
        omitted: new Set(),
        latest: undefined,
        onProblem: (path, reason) => problems.set(path, reason),
        onLeftOut: (path) => leftOut.push(path),
      }),
    ];
    all.push(...entries);
    return [name, entries.map(lineOf)];
  });
  return { layers: Object.fromEntries(layers), problems, leftOut, entries: all };
}

function lineOf({ kind, path, target }: LayerEntry): string {
  if (kind === "folder") return `${path}/`;
  if (kind === "symlink") return `${path} -> ${target}`;
  return kind === "link" ? `${path} == ${target}` : path;
}

export const silent: ImageProgress = { layer: () => {}, read: () => {}, finishing: () => {} };

/** Looks through what a list says of a folder. */
export async function scanned(
  text: string,
  root: string,
  omitted: readonly string[] = [],
): Promise<{ scan: ImageScan; request: ImageRequest }> {
  const list = parseList(text, "list");
  const plan = planImage(list, root);
  const isExcluded = matcher(list.excluded);
  const signal = new AbortController().signal;
  const { required } = list;
  const scan = await scanImage(plan, { isExcluded, omitted: new Set(omitted), required, signal });
  const request: ImageRequest = {
    name: "docker.io/library/test:latest",
    plan,
    scan,
    platform: { os: "linux", architecture: "amd64" },
    settings: { Env: ["A=b"] },
    compression: compression("gzip"),
    isExcluded,
    epoch: undefined,
  };
  return { scan, request };
}

/** Makes an image of a folder by a list. */
export async function built(
  text: string,
  root: string,
  target: ImageTarget,
  changes: Partial<ImageRequest> = {},
): Promise<BuiltImage> {
  const { request } = await scanned(text, root, target.places);
  return buildImage({ ...request, ...changes }, target, silent, new AbortController().signal);
}

/** The entries of a layer in a layout, one a line; gzip and none are understood. */
export function layerLines(layout: string, digest: string): string[] {
  const blob = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
  return readTar(blob[0] === 0x1f ? gunzipSync(blob) : blob).map(entryLine);
}
