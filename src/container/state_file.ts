import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, systemError } from "../common/error.ts";
import type { MountRecord } from "../mount/types.ts";

/** What outlives the shim: enough to kill a jail and to take back all that was done to the host for it. */
export interface SavedState {
  readonly containerId: string;
  /** The init's process id, 0 before it is launched. */
  readonly pid: number;
  /** Undefined once everything is taken back. */
  readonly mounts?: MountRecord;
  readonly exit?: { readonly status: number; readonly exitedAt: string };
}

const fileName = "rund.json";

/** Replaces a bundle's state file in one step: a crash leaves the old one or the new one, never a part. */
export function saveState(bundle: string, state: SavedState): void {
  const file = join(bundle, fileName);
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    throw systemError(`state file: write ${file}`, error);
  }
}

/** The state of a bundle, or undefined when nothing was done for it, or all of it was taken back. */
export function loadState(bundle: string): SavedState | undefined {
  const file = join(bundle, fileName);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as SavedState;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemError(`state file: read ${file}`, error);
  }
}

export function removeState(bundle: string): void {
  rmSync(join(bundle, fileName), { force: true });
}
