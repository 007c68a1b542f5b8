import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, systemError } from "../common/error.ts";
import { replaceFile } from "../common/replace_file.ts";
import type { Frozen } from "./freezer.ts";
import type { JailRecord } from "./jail.ts";

/** What outlives the shim: enough to kill a jail and to take back all that was done to the host for it. */
export interface SavedState {
  readonly containerId: string;
  /** Absolute path of the bundle, where that is not the folder that the state is in. */
  readonly bundle?: string;
  /** When it was created, as in ISO 8601. */
  readonly created?: string;
  /** The init's process id, 0 before it is launched. */
  readonly pid: number;
  /** Undefined once everything is taken back. */
  readonly mounts?: JailRecord;
  readonly exit?: { readonly status: number; readonly exitedAt: string };
  /** While it is paused. */
  readonly frozen?: Frozen;
}

const fileName = "rund.json";

/** Replaces the state file of a container's folder in one step: a crash leaves the old one or the new one, never a part. */
export function saveState(folder: string, state: SavedState): void {
  const file = join(folder, fileName);
  try {
    replaceFile(file, JSON.stringify(state), { mode: 0o600 });
  } catch (error) {
    throw systemError(`state file: write ${file}`, error);
  }
}

/** The state in a container's folder, or undefined when nothing was done for it, or all of it was taken back. */
export function loadState(folder: string): SavedState | undefined {
  const file = join(folder, fileName);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as SavedState;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemError(`state file: read ${file}`, error);
  }
}

/** Whether something was done for a container of this folder, and not all of it was taken back. */
export function hasState(folder: string): boolean {
  return existsSync(join(folder, fileName));
}

export function removeState(folder: string): void {
  rmSync(join(folder, fileName), { force: true });
}
