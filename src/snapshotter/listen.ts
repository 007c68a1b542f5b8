import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";

/** What fits into a socket's address on macOS; longer paths are cut off silently. */
const pathLimit = 103;

/**
 * Listens on a unix socket that only root can connect to; its folder is made when it is missing.
 * @throws RundError failedPrecondition when somebody listens there
 */
export async function listenForRoot(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > pathLimit)
    throw new RundError(Code.invalidArgument, `socket ${path}: file name too long`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (await isServed(path)) throw new RundError(Code.failedPrecondition, `socket ${path}: is in use`);
    await rm(path, { force: true });
    server.listen(path);
    await once(server, "listening");
    await chmod(path, 0o600);
  } catch (error) {
    throw systemError(`socket ${path}`, error);
  }
}

async function isServed(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
