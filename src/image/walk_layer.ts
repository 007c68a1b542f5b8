import { type BigIntStats, lstatSync } from "node:fs";
import { copiedEntry, madeEntry, nothing, ownership, statusOf } from "./entry_of.ts";
import { hostPath, type ImagePlan } from "./image_plan.ts";
import type { LayerEntry } from "./layer_entry.ts";
import { type Found, type Place, placesBelow } from "./places_below.ts";
import type { WalkOptions } from "./walk_options.ts";

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
    for (const next of placesBelow(place, found, layer, options).reverse()) places.push(next);
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
