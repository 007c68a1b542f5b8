import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MountRecord } from "./types.ts";

/** Where the launcher keeps the journal of a container's mounts. */
export function journalPath(folder: string): string {
  return join(folder, "mounts.journal");
}

/**
 * The record of a container of which nothing but its folder is known, for `delete` when no state file survived. Its root is
 * only where a mounted root would be.
 */
export function mountRecordOf(folder: string): MountRecord {
  return { root: join(folder, "rootfs"), journal: journalPath(folder) };
}

/** What the journal of made mounts holds; nothing is added to it until they are taken back. */
export function readJournal({ journal }: MountRecord): Uint8Array | undefined {
  try {
    return readFileSync(journal);
  } catch {
    return undefined;
  }
}
