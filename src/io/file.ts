import { mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../common/error.ts";

/** Opens the file of a `file://` stream for appending; missing parent folders are made, as runc's shim does. */
export function openLogFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "a", 0o644);
  } catch (error) {
    throw systemError(`open ${path}`, error);
  }
}
