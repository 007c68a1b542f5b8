import { Code, RundError } from "../common/error.ts";

/** Bytes in `sockaddr_un.sun_path`, one of them for the closing zero. */
const sunPathBytes = process.platform === "linux" ? 108 : 104;

/** The longest path, in bytes, that a unix socket can have on this system. */
export const maxSocketPathBytes = sunPathBytes - 1;

/**
 * To be called before listen or connect: Node cuts a longer path silently and reports success, so that the
 * server listens at a name nobody asks for. Throws a RundError `invalidArgument`.
 */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes === 0) throw new RundError(Code.invalidArgument, "socket path: empty");
  if (path.includes("\0")) throw new RundError(Code.invalidArgument, "socket path: contains a zero byte");
  if (bytes <= maxSocketPathBytes) return;
  throw new RundError(
    Code.invalidArgument,
    `${path}: socket path too long (${bytes} bytes, at most ${maxSocketPathBytes})`,
  );
}
