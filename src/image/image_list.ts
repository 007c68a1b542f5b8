import { posix } from "node:path";
import { Code, RundError } from "../common/error.ts";

/** One line of a list: what stands where in the image. Paths are absolute and without a slash at their end. */
export type ListedEntry =
  | (Listed & { readonly kind: "copy"; readonly source: string | undefined; readonly isOptional: boolean })
  | (Listed & { readonly kind: "link"; readonly target: string })
  | (Listed & { readonly kind: "folder"; readonly mode: number })
  | (Listed & { readonly kind: "file" });

interface Listed {
  readonly path: string;
  /** Name of the layer it goes into. */
  readonly layer: string;
}

/** What goes into an image. docs/base-images.md describes how it is written. */
export interface ImageList {
  readonly entries: readonly ListedEntry[];
  /** Globs of what is left out of folders. */
  readonly excluded: readonly string[];
  /** Globs of which each must match something, or the image would not work. */
  readonly required: readonly string[];
}

/** The layer of what stands above the first heading. */
const firstLayer = "files";

/** A list that takes all of a folder. */
export const wholeFolder: ImageList = {
  entries: [{ kind: "copy", path: "/", layer: firstLayer, source: undefined, isOptional: false }],
  excluded: [],
  required: [],
};

/**
 * Reads a list.
 * @param subject what errors call it: its file
 * @throws RundError invalidArgument with the line's number
 */
export function parseList(text: string, subject: string): ImageList {
  const entries: ListedEntry[] = [];
  const excluded: string[] = [];
  const required: string[] = [];
  let layer = firstLayer;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const heading = /^\[(.+)\]$/.exec(line)?.[1];
    try {
      if (line === "" || line.startsWith("#")) continue;
      if (heading !== undefined) layer = heading.trim();
      else if (line.startsWith("-")) excluded.push(pattern(line));
      else if (line.startsWith("!")) required.push(pattern(line));
      else entries.push(line.startsWith("+") ? made(line, layer) : copied(line, layer));
    } catch (error) {
      throw new RundError(
        Code.invalidArgument,
        `${subject}: line ${index + 1}: ${RundError.from(error).message}`,
      );
    }
  }
  return { entries, excluded, required };
}

/** Several lists as one. */
export function joinLists(lists: readonly ImageList[]): ImageList {
  return {
    entries: lists.flatMap(({ entries }) => entries),
    excluded: lists.flatMap(({ excluded }) => excluded),
    required: lists.flatMap(({ required }) => required),
  };
}

function pattern(line: string): string {
  const text = line.slice(1).trim();
  if (text === "") throw new RundError(Code.invalidArgument, `${line}: needs a pattern`);
  return text;
}

/** `/path`, `?/path`, `/path <- /source`, `/path -> target`. */
function copied(line: string, layer: string): ListedEntry {
  const [, path = "", target] = /^(\/.*?)\s+->\s+(.+)$/.exec(line) ?? [];
  if (target !== undefined) return { kind: "link", path: absolute(path), target, layer };
  const isOptional = line.startsWith("?");
  const words = isOptional ? line.slice(1).trim() : line;
  const [, place = words, source] = /^(.*?)\s+<-\s+(.+)$/.exec(words) ?? [];
  return {
    kind: "copy",
    path: absolute(place),
    source: source === undefined ? undefined : absolute(source),
    isOptional,
    layer,
  };
}

/** `+/folder/`, `+/folder/ 1777`, `+/file`. */
function made(line: string, layer: string): ListedEntry {
  const [, folder, mode = "755"] = /^(\/.*)\/(?:\s+([0-7]{3,4}))?$/.exec(line.slice(1).trim()) ?? [];
  if (folder === undefined) return { kind: "file", path: absolute(line.slice(1).trim()), layer };
  return { kind: "folder", path: absolute(folder), mode: Number.parseInt(mode, 8), layer };
}

function absolute(path: string): string {
  if (!path.startsWith("/")) throw new RundError(Code.invalidArgument, `${path}: must begin with a slash`);
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
