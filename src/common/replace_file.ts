import { chmodSync, chownSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface NewFile {
  /** Permissions; the process's mask takes from them unless an owner is given. */
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** What a new state of a file is called until it is whole. */
export function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.new`);
}

/**
 * Writes a whole file in one step: whoever reads it, also after a crash, finds the old text or the new one, never a part.
 * After a failure the old one is as it was.
 * @throws the file system's error
 */
export function replaceFile(path: string, text: string, { mode, owner }: NewFile): void {
  const partial = partialName(path);
  try {
    writeFileSync(partial, text, { mode });
    if (owner !== undefined) {
      chownSync(partial, owner.uid, owner.gid);
      chmodSync(partial, mode);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
