import { closeSync, constants, mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { errnoOf, systemError } from "../common/error.ts";

/** Bytes that a socket's path may have on macOS, where sun_path has 104 with the NUL. */
const most = 103;

/** A way to a socket that is short enough to connect by. */
export interface ShortSocketPath {
  readonly path: string;
  /** To be called when the connection is there, or has failed. */
  close(): void;
}

/**
 * The way to a socket whose path may be longer than a socket's may be: through its folder's descriptor on Linux, and by
 * a link to the folder on macOS, where it has to be. Undefined when the folder is not there.
 */
export function shortSocketPath(
  socket: string,
  system: NodeJS.Platform = process.platform,
): ShortSocketPath | undefined {
  if (system === "linux") return throughDescriptor(socket);
  if (Buffer.byteLength(socket) <= most) return { path: socket, close() {} };
  const folder = mkdtempSync(join(tmpdir(), "rund-"));
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    symlinkSync(dirname(socket), join(folder, "f"));
  } catch (error) {
    close();
    throw error;
  }
  return { path: join(folder, "f", basename(socket)), close };
}

function throughDescriptor(socket: string): ShortSocketPath | undefined {
  try {
    const folder = openSync(dirname(socket), constants.O_RDONLY | constants.O_DIRECTORY);
    return { path: `/proc/self/fd/${folder}/${basename(socket)}`, close: () => closeSync(folder) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemError(`gate ${dirname(socket)}`, error);
  }
}
