import { spawn } from "node:child_process";
import { mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { Code, errnoOf, RundError, systemError } from "../common/error.ts";
import { checkSocketPath } from "../ttrpc/socket_path.ts";
import { assertIdentifier, type ShimArguments } from "./arguments.ts";
import { panicLogPath } from "./panic_log.ts";
import { socketPath } from "./socket_address.ts";

/** How long a socket that is there already has to answer before it counts as a dead shim's, in milliseconds. */
const livenessDeadline = 100;

/**
 * `start`: listens, hands the listening socket to a new daemon, prints the address and ends. The daemon
 * still boots then: containerd's connection waits in the socket's backlog.
 */
export async function startShim(name: string, args: ShimArguments): Promise<void> {
  assertIdentifier("id", args.id);
  assertIdentifier("namespace", args.namespace);
  const bundle = args.bundle || process.cwd();
  const path = socketPath(args.address, args.namespace, args.id);
  const server = await listenUnlessServed(path);
  if (server !== undefined) spawnDaemon(name, args, bundle, server);
  const address = `unix://${path}`;
  // containerd up to 1.7 finds the shim again by this file after a restart.
  writeFileSync(join(bundle, "address"), address, { mode: 0o600 });
  writeSync(1, address);
  // Without closing the server: that would unlink the socket, which now belongs to the daemon.
  process.exit(0);
}

/** Listens on the shim's socket; undefined when a live shim serves it already. */
async function listenUnlessServed(path: string): Promise<Server | undefined> {
  checkSocketPath(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return await listen(path);
  } catch (error) {
    if (errnoOf(error) !== "EADDRINUSE") throw systemError(`listen ${path}`, error);
  }
  if (await answers(path)) return undefined;
  rmSync(path, { force: true });
  return listen(path);
}

async function listen(path: string): Promise<Server> {
  const server = createServer();
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  } finally {
    process.umask(mask);
  }
  return server;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(livenessDeadline, () => settle(false));
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/**
 * The daemon inherits nothing of our stdout and stderr: containerd's read of the answer ends only when the last
 * copy of them is closed.
 */
function spawnDaemon(name: string, args: ShimArguments, bundle: string, server: Server): void {
  const panicLog = openSync(panicLogPath(bundle), "a", 0o600);
  const child = spawn(process.execPath, daemonArguments(args, bundle), {
    argv0: name,
    env: daemonEnvironment(),
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", panicLog, listeningDescriptor(server)],
  });
  if (child.pid === undefined)
    throw new RundError(Code.internal, `${process.execPath}: the daemon cannot be started`);
  child.unref();
}

/**
 * Bun reads this variable, Node ignores it: the daemon runs each piece of its code a few times in its life, and
 * compiling it to machine code would cost 2 MB in every shim (docs/architecture.md).
 */
function daemonEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, BUN_JSC_useJIT: "0" };
}

function daemonArguments(args: ShimArguments, bundle: string): string[] {
  const { namespace, id, address, debug } = args;
  const flags = ["-namespace", namespace, "-id", id, "-address", address, "-bundle", bundle];
  return [...flags, ...(debug ? ["-debug"] : []), "daemon"];
}

/** Node and Bun both keep the descriptor here; neither has a public name for it. */
function listeningDescriptor(server: Server): number {
  const { _handle: handle } = server as Server & { _handle?: { fd?: number } };
  if (handle?.fd === undefined || handle.fd < 0)
    throw new RundError(Code.internal, "listening socket: no descriptor");
  return handle.fd;
}
