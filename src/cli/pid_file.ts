import { systemError } from "../common/error.ts";
import { replaceFile } from "../common/replace_file.ts";

/** Writes a process id for clients that read the file as soon as they see it: it appears with all that is in it. */
export function writePidFile(path: string, pid: number): void {
  try {
    replaceFile(path, String(pid), { mode: 0o644 });
  } catch (error) {
    throw systemError(`pid file: write ${path}`, error);
  }
}
