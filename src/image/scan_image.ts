import { closeSync, constants, openSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { errnoText } from "../common/error.ts";
import type { ImagePlan } from "./image_plan.ts";
import { type Matcher, matcher } from "./matcher.ts";
import { walkLayer } from "./walk_layer.ts";
import type { WalkOptions } from "./walk_options.ts";

/** What an image will hold, by looking at everything once before anything is written. */
export interface ImageScan {
  /** As many as the plan has. */
  readonly layers: readonly LayerTotals[];
  /** What cannot go into the image, with the reason, by its path there. */
  readonly problems: ReadonlyMap<string, string>;
  /** Files of the host that cannot be opened. */
  readonly unreadable: ReadonlySet<string>;
  /** Sockets and devices. */
  readonly leftOut: number;
  /** Patterns that something must match and nothing does. */
  readonly unmatched: readonly string[];
  /** The latest time of any file, in seconds since 1970. */
  readonly latest: number;
}

export interface LayerTotals {
  readonly name: string;
  readonly entries: number;
  /** Of all its files. */
  readonly bytes: number;
}

export interface ScanOptions {
  readonly isExcluded: (path: string) => boolean;
  readonly omitted: ReadonlySet<string>;
  readonly required: readonly string[];
  readonly signal: AbortSignal;
}

/** So often whoever else waits, such as for ^C, has its turn. */
const turn = 256;

/** Looks at everything that a plan puts into an image. Rejects with the signal's reason when that comes. */
export async function scanImage(plan: ImagePlan, options: ScanOptions): Promise<ImageScan> {
  const problems = new Map<string, string>();
  const unreadable = new Set<string>();
  const leftOut = new Set<string>();
  const missing = new Map<string, Matcher>(options.required.map((pattern) => [pattern, matcher([pattern])]));
  const walk: WalkOptions = {
    isExcluded: options.isExcluded,
    omitted: options.omitted,
    latest: undefined,
    unreadable: (source) => {
      const reason = whyUnreadable(source);
      if (reason !== undefined) unreadable.add(source);
      return reason;
    },
    onProblem: (path, reason) => problems.set(path, reason),
    onLeftOut: (path) => leftOut.add(path),
  };
  const layers: LayerTotals[] = [];
  let latest = 0;
  let seen = 0;
  for (const [index, name] of plan.layers.entries()) {
    let entries = 0;
    let bytes = 0;
    for (const entry of walkLayer(plan, index, walk)) {
      entries++;
      bytes += entry.size;
      latest = Math.max(latest, entry.mtime);
      for (const [pattern, matches] of missing) if (matches(`/${entry.path}`)) missing.delete(pattern);
      if (++seen % turn === 0) await setImmediate();
      options.signal.throwIfAborted();
    }
    layers.push({ name, entries, bytes });
  }
  return { layers, problems, unreadable, leftOut: leftOut.size, unmatched: [...missing.keys()], latest };
}

function whyUnreadable(source: string): string | undefined {
  try {
    // A file that became a fifo meanwhile must not keep us waiting.
    closeSync(openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
    return undefined;
  } catch (error) {
    return errnoText(error);
  }
}
