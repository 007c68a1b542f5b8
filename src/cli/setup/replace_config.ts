import { mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../../common/error.ts";
import { replaceFile } from "../../common/replace_file.ts";

/**
 * Replaces a configuration file, so that no daemon ever reads half of it. Mode and owner stay, and a link leads where it led.
 * Missing folders are made.
 */
export function replaceConfig(path: string, text: string): void {
  const file = targetOf(path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const status = statSync(file, { throwIfNoEntry: false });
    const isNew = status === undefined;
    replaceFile(file, text, isNew ? { mode: 0o644 } : { mode: status.mode & 0o7777, owner: status });
  } catch (error) {
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
