import {
  chmodSync,
  chownSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../../common/error.ts";

/**
 * Writes a whole file in one step, so that no daemon ever reads half of it. Mode and owner stay, and a link leads where it
 * led. Missing folders are made.
 */
export function replaceFile(path: string, text: string): void {
  const file = targetOf(path);
  const partial = `${file}.rund-partial`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const status = statSync(file, { throwIfNoEntry: false });
    writeFileSync(partial, text, { mode: 0o600 });
    chmodSync(partial, (status?.mode ?? 0o644) & 0o7777);
    if (status !== undefined) chownSync(partial, status.uid, status.gid);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw systemError(path, error);
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
