import { spawnSync } from "node:child_process";
import { Code, RundError, systemError } from "../common/error.ts";
import type { LogLevel } from "../common/log_line.ts";
import { launcherPath } from "../platform/launcher_path.ts";
import { panicLogPath } from "./panic_log.ts";

/** What a daemon is told. */
export interface DaemonRequest {
  readonly namespace: string;
  /** The container it is started for. */
  readonly id: string;
  /** containerd's sockets. */
  readonly grpcAddress: string;
  readonly ttrpcAddress: string;
  readonly bundle: string;
  /** Path of the socket that it takes over, and removes at its end. */
  readonly socket: string;
  readonly logLevel: LogLevel;
}

/** The launcher's exit status when a live daemon has the socket. */
const alreadyServed = 4;

/**
 * Has the launcher listen and start the daemon, called `name`, which inherits the socket and nothing of our stdout and
 * stderr. False when a live daemon serves the socket already; then nothing is done.
 */
export function startDaemon(name: string, request: DaemonRequest): boolean {
  const { bundle, socket } = request;
  const daemon = [panicLogPath(bundle), process.execPath, name, ...daemonArguments(request)];
  const { status, stderr, error } = spawnSync(launcherPath(), ["daemon", socket, ...daemon], {
    stdio: ["ignore", "ignore", "pipe"],
    env: daemonEnvironment(request),
    encoding: "utf8",
  });
  if (error !== undefined) throw systemError(`start ${launcherPath()}`, error);
  if (status === alreadyServed) return false;
  if (status !== 0) throw new RundError(Code.unavailable, stderr.trim());
  return true;
}

/**
 * Bun reads the last two, Node ignores them. The daemon runs each piece of its code a few times in its life, and compiling it
 * to machine code would cost 2 MB in every shim; and it would let 6 MB of garbage gather before it looks for any, where
 * two are enough (docs/architecture.md). The launcher sets the same for the daemons that it starts by itself.
 */
function daemonEnvironment({ ttrpcAddress }: DaemonRequest): NodeJS.ProcessEnv {
  const memory = { BUN_JSC_useJIT: "0", BUN_JSC_largeHeapSize: String(2 << 20) };
  return { ...process.env, TTRPC_ADDRESS: ttrpcAddress, ...memory };
}

function daemonArguments(request: DaemonRequest): string[] {
  const { namespace, id, grpcAddress, bundle, socket, logLevel } = request;
  const container = ["-namespace", namespace, "-id", id, "-bundle", bundle];
  return [...container, "-address", grpcAddress, "-socket", socket, "-log-level", logLevel, "daemon"];
}
