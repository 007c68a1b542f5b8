import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Deferred } from "../common/deferred.ts";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { ControlLine } from "./control_line.ts";
import { shortSocketPath } from "./short_socket_path.ts";

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
  const way = shortSocketPath(gate);
  if (way === undefined) return undefined;
  try {
    for (;;) {
      const socket = await connected(connect({ path: way.path }));
      if (socket !== "busy") return socket;
      await delay(busyPause);
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && nobodyThere.includes(errno)) return undefined;
    throw systemError(`gate ${gate}`, error);
  } finally {
    way.close();
  }
}

/** The last is said to those who stood in the queue when the process started. */
const nobodyThere = ["ECONNREFUSED", "ENOENT", "ECONNRESET"];
/** Milliseconds after which a gate with a full queue is tried again. */
const busyPause = 5;

function connected(socket: Socket): Promise<Socket | "busy"> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) => (errnoOf(error) === "EAGAIN" ? resolve("busy") : reject(error)));
  });
}
