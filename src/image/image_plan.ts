import { lstatSync, readlinkSync } from "node:fs";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import type { ImageList, ListedEntry } from "./image_list.ts";
import { throughLinks } from "./through_links.ts";

/** What a list says of a place in the image. Layers are numbers: places in {@link ImagePlan.layers}. */
export type PlannedContent =
  | { readonly kind: "copy"; readonly sources: readonly string[]; readonly layer: number }
  | { readonly kind: "link"; readonly target: string; readonly layer: number }
  | { readonly kind: "folder"; readonly mode: number; readonly layer: number }
  | { readonly kind: "file"; readonly layer: number };

/** A place that a list names, or a folder above one. */
export interface PlanNode {
  readonly children: Map<string, PlanNode>;
  /** Undefined for folders that only lead to others. */
  content: PlannedContent | undefined;
  /** Into which layers something goes here or below. */
  readonly layers: Set<number>;
}

/** A list applied to a folder. */
export interface ImagePlan {
  /** The folder that paths of the list are in. */
  readonly root: string;
  readonly top: PlanNode;
  readonly layers: readonly string[];
}

/**
 * Finds out what a list means in a folder: which of its paths are there, and where they are when folders above them are links.
 * Such a link goes into the image too. Of a place that is named twice, folders are merged, and of files the later counts.
 * @throws RundError notFound with all paths that are missing
 */
export function planImage(list: ImageList, root: string): ImagePlan {
  const layers = [...new Set(list.entries.map(({ layer }) => layer))];
  const plan: ImagePlan = { root, top: newNode(), layers };
  // Links first: other paths may go through them.
  const links = list.entries.filter(({ kind }) => kind === "link");
  const others = list.entries.filter(({ kind }) => kind !== "link");
  const missing = [...links, ...others].filter((entry) => !place(plan, entry)).map(sourceOf);
  if (missing.length > 0) {
    throw new RundError(
      Code.notFound,
      `${missing.join(", ")}: no such file or directory${root === "/" ? "" : ` in ${root}`}`,
    );
  }
  noteLayers(plan.top);
  return plan;
}

/** A path of the image in the folder that it is made of. */
export function hostPath(root: string, path: string): string {
  return root === "/" ? path : path === "/" ? root : `${root}${path}`;
}

/** Enters one line; false for a path that is missing. */
function place(plan: ImagePlan, entry: ListedEntry): boolean {
  const layer = plan.layers.indexOf(entry.layer);
  const path = throughLinks(entry.path, (above) => followed(plan, above, layer));
  const content = contentOf(plan, entry, path, layer);
  if (content === undefined) return entry.kind === "copy" && entry.isOptional;
  const node = nodeAt(plan.top, path);
  const before = node.content?.kind === "copy" && content.kind === "copy" ? node.content.sources : [];
  node.content = content.kind === "copy" ? { ...content, sources: [...before, ...content.sources] } : content;
  return true;
}

function contentOf(
  plan: ImagePlan,
  entry: ListedEntry,
  path: string,
  layer: number,
): PlannedContent | undefined {
  if (entry.kind === "link") return { kind: "link", target: entry.target, layer };
  if (entry.kind === "folder") return { kind: "folder", mode: entry.mode, layer };
  if (entry.kind === "file") return { kind: "file", layer };
  const inTree = entry.source === undefined ? path : throughLinks(entry.source, (at) => linkOf(plan, at));
  const source = hostPath(plan.root, inTree);
  return isThere(source) ? { kind: "copy", sources: [source], layer } : undefined;
}

/** Where a link above a listed path leads: one of the list's, or else one of the folder's, which goes into the image then. */
function followed(plan: ImagePlan, path: string, layer: number): string | undefined {
  const node = nodeAt(plan.top, path);
  if (node.content?.kind === "link") return node.content.target;
  if (node.content?.kind === "folder") return undefined;
  const target = linkOf(plan, path);
  if (target !== undefined) node.content ??= { kind: "copy", sources: [hostPath(plan.root, path)], layer };
  return target;
}

function linkOf({ root }: ImagePlan, path: string): string | undefined {
  try {
    return readlinkSync(hostPath(root, path));
  } catch (error) {
    if (["EINVAL", "ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return undefined;
    throw systemError(hostPath(root, path), error);
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return false;
    throw systemError(path, error);
  }
}

function sourceOf(entry: ListedEntry): string {
  return entry.kind === "copy" ? (entry.source ?? entry.path) : entry.path;
}

function newNode(): PlanNode {
  return { children: new Map(), content: undefined, layers: new Set() };
}

function nodeAt(top: PlanNode, path: string): PlanNode {
  let node = top;
  for (const name of path.split("/").filter((part) => part !== "")) {
    const child = node.children.get(name) ?? newNode();
    node.children.set(name, child);
    node = child;
  }
  return node;
}

function noteLayers(node: PlanNode): void {
  if (node.content !== undefined) node.layers.add(node.content.layer);
  for (const child of node.children.values()) {
    noteLayers(child);
    for (const layer of child.layers) node.layers.add(layer);
  }
}
