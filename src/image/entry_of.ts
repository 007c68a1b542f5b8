import { type BigIntStats, lstatSync, readlinkSync } from "node:fs";
import { errnoText } from "../common/error.ts";
import type { PlannedContent } from "./image_plan.ts";
import type { LayerEntry } from "./layer_entry.ts";
import type { WalkOptions } from "./walk_options.ts";

/** What a file is; undefined, and reported, when it cannot be told or be in a layer. */
export function statusOf(source: string, path: string, options: WalkOptions): BigIntStats | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    if (name.includes("\u{fffd}")) throw new Error("the name is not UTF-8");
    if (name.startsWith(".wh.")) throw new Error("in a layer such a name says that another file is gone");
    return lstatSync(source, { bigint: true });
  } catch (error) {
    options.onProblem(path, errnoText(error));
    return undefined;
  }
}

/** A file, folder or link as it is on the host; undefined, and reported, for what no layer has. */
export function copiedEntry(
  path: string,
  source: string,
  status: BigIntStats,
  options: WalkOptions,
): LayerEntry | undefined {
  const seconds = Math.max(0, Number(status.mtimeNs / 1_000_000_000n));
  const mtime = Math.min(seconds, options.latest ?? seconds);
  const entry = { ...nothing(path), source, ...ownership(status), mtime };
  if (status.isDirectory()) return { ...entry, kind: "folder" };
  if (status.isFIFO()) return { ...entry, kind: "fifo" };
  if (status.isSymbolicLink()) return symlink(entry, source, options);
  if (status.isFile()) return { ...entry, kind: "file", size: Number(status.size), stamp: status };
  options.onLeftOut(path);
  return undefined;
}

function symlink(
  entry: Omit<LayerEntry, "kind">,
  source: string,
  options: WalkOptions,
): LayerEntry | undefined {
  try {
    return { ...entry, kind: "symlink", mode: 0o777, target: readlinkSync(source) };
  } catch (error) {
    options.onProblem(`/${entry.path}`, errnoText(error));
    return undefined;
  }
}

/** What a list makes; undefined for what it copies. */
export function madeEntry(path: string, content: PlannedContent | undefined): LayerEntry | undefined {
  if (content?.kind === "link") {
    return { ...nothing(path), kind: "symlink", mode: 0o777, target: content.target };
  }
  if (content?.kind === "folder") return { ...nothing(path), kind: "folder", mode: content.mode };
  return content?.kind === "file" ? { ...nothing(path), kind: "file", mode: 0o644 } : undefined;
}

/** What belongs to root and has no time. */
export function nothing(path: string): Omit<LayerEntry, "kind"> {
  return { path: path.slice(1), source: undefined, mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
}

/** Who may do what. */
export function ownership(status: BigIntStats): Pick<LayerEntry, "mode" | "uid" | "gid"> {
  return { mode: Number(status.mode) & 0o7777, uid: Number(status.uid), gid: Number(status.gid) };
}
