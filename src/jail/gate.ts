import { closeSync, constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { Deferred } from "../common/deferred.ts";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { ControlLine } from "./control_line.ts";

/** Whether a process waits at the gate with this path: it closes when the process starts, or ends. */
export async function isWaiting(gate: string): Promise<boolean> {
  const socket = await connectTo(gate);
  socket?.destroy();
  return socket !== undefined;
}

/**
 * Opens a gate: the process that waits there executes its program.
 * @throws RundError failedPrecondition when nobody waits there, or what exec answered
 */
export async function openGate(gate: string): Promise<void> {
  const socket = await connectTo(gate);
  if (socket === undefined) throw new RundError(Code.failedPrecondition, "start: no process waits for it");
  const running = new Deferred<void>();
  let started = false;
  const line = new ControlLine(socket, (answer) => {
    if (answer.kind === "started") started = true;
    else if (answer.kind === "error") running.reject(answer.error);
    else if (answer.kind === "closed" && started) running.resolve();
    else
      running.reject(
        new RundError(Code.failedPrecondition, "start: the process ended, or was started before"),
      );
  });
  line.send("start");
  await running.promise;
}

/** The line to the process, or undefined when nobody is there. */
async function connectTo(gate: string): Promise<Socket | undefined> {
  const folder = openFolder(dirname(gate));
  if (folder === undefined) return undefined;
  const path = process.platform === "linux" ? `/proc/self/fd/${folder}/${basename(gate)}` : gate;
  try {
    return await connected(connect({ path }));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ECONNREFUSED" || errno === "ENOENT") return undefined;
    throw systemError(`gate ${gate}`, error);
  } finally {
    closeSync(folder);
  }
}

/** The way to a socket through its folder's descriptor is short, which paths of sockets must be. */
function openFolder(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw systemError(`gate ${path}`, error);
  }
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}
