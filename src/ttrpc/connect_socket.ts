import { connect, type Socket } from "node:net";
import { Code, errnoText, RundError } from "../common/error.ts";
import { checkSocketPath } from "./socket_path.ts";

/**
 * An open connection to the unix socket at `path`. RundError `unavailable` with the errno text when nobody
 * listens there, or when `timeoutMs` milliseconds pass.
 */
export async function connectSocket(path: string, timeoutMs?: number): Promise<Socket> {
  checkSocketPath(path);
  const socket = connect({ path });
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      socket.destroy();
      reject(new RundError(Code.unavailable, `${path}: ${reason}`));
    };
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => fail("connection timed out"), timeoutMs);
    const onError = (error: Error) => {
      clearTimeout(timer);
      fail(errnoText(error));
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
