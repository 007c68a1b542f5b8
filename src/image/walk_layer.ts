import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errnoText } from "../common/error.ts";
import { copiedEntry, madeEntry, nothing, ownership, statusOf } from "./entry_of.ts";
import { hostPath, type ImagePlan, type PlanNode } from "./image_plan.ts";
import type { LayerEntry } from "./layer_entry.ts";
import type { WalkOptions } from "./walk_options.ts";

/** A place in the image on the way through it. */
interface Place {
  /** "" for the top. */
  readonly path: string;
  readonly node: PlanNode | undefined;
  /** What is copied here because its folder is; the last counts, unless it is a folder: then all folders. */
  readonly sources: readonly string[];
  /** Layer of that; undefined when nothing is copied. */
  readonly layer: number | undefined;
  /** File system of the folder above; undefined to take any. */
  readonly device: bigint | undefined;
}

/** What a place turned out to be. */
interface Found {
  readonly entry: LayerEntry;
  readonly layer: number;
  /** Of a folder: what all in it comes from, and where that is. */
  readonly folders: readonly string[];
  readonly device: bigint | undefined;
}

/**
 * Goes through what a plan puts into one layer, folders before what is in them, names in order. Folders are read when they are
 * come to; nothing is kept of what has been passed but the names of files with several.
 */
export function* walkLayer(plan: ImagePlan, layer: number, options: WalkOptions): Generator<LayerEntry> {
  const written = new Map<string, string>();
  const places: Place[] = [{ path: "", node: plan.top, sources: [], layer: undefined, device: undefined }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const found = look(plan, place, options);
    if (found === undefined) continue;
    if (found.layer === layer && place.path !== "") {
      const entry = linked(found.entry, written, options);
      if (entry !== undefined) yield entry;
    }
    if (found.entry.kind !== "folder") continue;
    // One by one: a call takes only so many arguments, and folders can be large.
    for (const next of below(place, found, layer, options).reverse()) places.push(next);
  }
}

function look(plan: ImagePlan, place: Place, options: WalkOptions): Found | undefined {
  const content = place.node?.content;
  const made = madeEntry(place.path, content);
  const sources = content?.kind === "copy" ? content.sources : place.sources;
  const own = content?.layer ?? place.layer;
  if (made !== undefined) return found(place, made, own, [], undefined);
  if (own === undefined) return leading(plan, place);
  const stats = sources.map((source) => statusOf(source, place.path, options));
  const source = sources.at(-1);
  const status = stats.at(-1);
  if (source === undefined || status === undefined || options.omitted.has(source)) return undefined;
  const entry = copiedEntry(place.path, source, status, options);
  if (entry === undefined) return undefined;
  // What is mounted there is not what was asked for, unless a line names it.
  const isMount = content === undefined && place.device !== undefined && status.dev !== place.device;
  const folders = isMount ? [] : sources.filter((_, index) => stats[index]?.isDirectory());
  return found(place, entry, own, folders, status.dev);
}

/** A folder goes into the first layer that has something of it, so that it is there before what is in it. */
function found(
  { node }: Place,
  entry: LayerEntry,
  own: number | undefined,
  folders: readonly string[],
  device: bigint | undefined,
): Found {
  const layers = [...(own === undefined ? [] : [own]), ...(node?.layers ?? [])];
  const layer = entry.kind === "folder" ? Math.min(...layers) : (own ?? -1);
  return { entry, layer, folders, device };
}

/** A folder that only leads to what is asked for: as on the host, but for its time, which any other file in it changes. */
function leading(plan: ImagePlan, place: Place): Found | undefined {
  if (place.node?.layers.size === 0) return undefined;
  let status: BigIntStats | undefined;
  try {
    status = lstatSync(hostPath(plan.root, place.path === "" ? "/" : place.path), { bigint: true });
  } catch {
    // The list makes what the host lacks.
  }
  const owner = status?.isDirectory() ? ownership(status) : { mode: 0o755, uid: 0, gid: 0 };
  return found(place, { ...nothing(place.path), kind: "folder", ...owner }, undefined, [], undefined);
}

function below(place: Place, { folders, device }: Found, layer: number, options: WalkOptions): Place[] {
  const own = place.node?.content?.layer ?? place.layer;
  const names = new Map<string, string[]>();
  if (folders.length > 0 && own !== undefined) {
    const planned = place.node?.children;
    const isWanted = (name: string) => own === layer || planned?.get(name)?.layers.has(layer);
    for (const folder of own === layer || planned?.size ? folders : []) {
      for (const name of namesIn(folder, place.path, options)) {
        if (isWanted(name)) names.set(name, [...(names.get(name) ?? []), join(folder, name)]);
      }
    }
  }
  for (const [name, node] of place.node?.children ?? []) {
    if (node.layers.has(layer) && !names.has(name)) names.set(name, []);
  }
  return [...names.keys()]
    .sort(byCode)
    .map((name) => ({
      path: `${place.path}/${name}`,
      node: place.node?.children.get(name),
      sources: names.get(name) ?? [],
      layer: names.get(name)?.length === 0 ? undefined : own,
      device,
    }))
    .filter(({ path, node }) => node !== undefined || !options.isExcluded(path));
}

/** The same everywhere, whatever the language of the user is. */
function byCode(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function namesIn(folder: string, path: string, { onProblem }: WalkOptions): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    onProblem(path, errnoText(error));
    return [];
  }
}

/** Of a file with several names, only the first brings its content; undefined for a file that cannot be read. */
function linked(
  entry: LayerEntry,
  written: Map<string, string>,
  { unreadable, onProblem }: WalkOptions,
): LayerEntry | undefined {
  const { stamp, source } = entry;
  if (stamp === undefined || source === undefined) return entry;
  const file = `${stamp.dev}:${stamp.ino}`;
  const target = written.get(file);
  if (target !== undefined) {
    const { stamp: _, ...rest } = entry;
    return { ...rest, kind: "link", size: 0, target };
  }
  const reason = unreadable?.(source);
  if (reason !== undefined) {
    onProblem(`/${entry.path}`, reason);
    return undefined;
  }
  if ((stamp as BigIntStats).nlink > 1n) written.set(file, entry.path);
  return entry;
}
