import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { ContainerStore } from "./container_store.ts";

/** Which container to make of which bundle. */
export interface BundleArgument {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
}

/**
 * What `rund run WORD` means. As with runc the word is the container's id, and the bundle is `given`, or the working
 * directory. A word that cannot be meant so is a bundle's folder, whose name is the id then.
 */
export function bundleArgument(
  word: string,
  given: string | undefined,
  store: ContainerStore,
): BundleArgument {
  if (given !== undefined || !isFolder(word)) return { id: word, bundle: resolve(given ?? ".") };
  const bundle = resolve(word);
  return { id: freeId(basename(bundle), store), bundle };
}

/** No id has a slash; any other word is one where the working directory is a bundle. */
function isFolder(word: string): boolean {
  if (word.includes("/") || word === "." || word === "..") return true;
  return !existsSync("config.json") && existsSync(join(word, "config.json"));
}

/** The same bundle may run several times at once. */
function freeId(name: string, store: ContainerStore): string {
  const id = name.replace(/[^\w+.-]/g, "-") || "container";
  let candidate = id;
  for (let number = 2; store.has(candidate); number++) candidate = `${id}-${number}`;
  return candidate;
}
