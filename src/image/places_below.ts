import { readdirSync } from "node:fs";
import { join } from "node:path";
import { errnoText } from "../common/error.ts";
import type { PlanNode } from "./image_plan.ts";
import type { LayerEntry } from "./layer_entry.ts";
import type { WalkOptions } from "./walk_options.ts";

/** A place in the image on the way through it. */
export interface Place {
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
export interface Found {
  readonly entry: LayerEntry;
  readonly layer: number;
  /** Of a folder: what all in it comes from, and where that is. */
  readonly folders: readonly string[];
  readonly device: bigint | undefined;
}

/** What a layer has to look at in a folder, in order. */
export function placesBelow(
  place: Place,
  { folders, device }: Found,
  layer: number,
  options: WalkOptions,
): Place[] {
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
  const isPlace = (each: Place | undefined) => each !== undefined;
  return [...names]
    .sort(([one], [other]) => byCode(one, other))
    .map(([name, sources]) => placeOf(place, name, { sources, layer: own, device }, options))
    .filter(isPlace);
}

/** Undefined for what is left out. Of a folder that is, only those things remain that lines name. */
function placeOf(
  { path: above, node: parent }: Place,
  name: string,
  copied: Pick<Place, "sources" | "layer" | "device">,
  { isExcluded }: WalkOptions,
): Place | undefined {
  const path = `${above}/${name}`;
  const node = parent?.children.get(name);
  const isLeftOut = node?.content === undefined && isExcluded(path);
  if (isLeftOut && node === undefined) return undefined;
  if (isLeftOut || copied.sources.length === 0)
    return { ...copied, path, node, sources: [], layer: undefined };
  return { ...copied, path, node };
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
