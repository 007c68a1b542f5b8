import { renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemError } from "../common/error.ts";

/** Writes a process id for clients that read the file as soon as they see it: it appears with all that is in it. */
export function writePidFile(path: string, pid: number): void {
  const partial = join(dirname(path), `.${basename(path)}`);
  try {
    writeFileSync(partial, String(pid), { mode: 0o644 });
    renameSync(partial, path);
  } catch (error) {
    throw systemError(`pid file: write ${path}`, error);
  }
}
