import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MountRecord } from "./types.ts";

/** Where the launcher keeps the journal of a bundle's mounts. */
export function journalPath(bundle: string): string {
  return join(bundle, "mounts.journal");
}

/**
 * The record of a bundle of which nothing else is known, for `delete` when no state file survived. Its root is only
 * where a mounted root would be.
 */
export function mountRecordOf(bundle: string): MountRecord {
  return { root: join(bundle, "rootfs"), journal: journalPath(bundle) };
}

/** What the journal of made mounts holds; nothing is added to it until they are taken back. */
export function readJournal({ journal }: MountRecord): Uint8Array | undefined {
  try {
    return readFileSync(journal);
  } catch {
    return undefined;
  }
}
