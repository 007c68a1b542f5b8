import { spawnSync } from "node:child_process";
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import { launcherPath } from "../platform/launcher_path.ts";
import { assertIdentifier, type ShimArguments } from "./arguments.ts";
import { panicLogPath } from "./panic_log.ts";
import { socketPath } from "./socket_address.ts";

/** The launcher's exit status when a live daemon has the socket. */
const alreadyServed = 4;

/**
 * `start`: listens, hands the listening socket to a new daemon, prints the address and ends. The daemon
 * still boots then: containerd's connection waits in the socket's backlog.
 */
export function startShim(name: string, args: ShimArguments): void {
  assertIdentifier("id", args.id);
  assertIdentifier("namespace", args.namespace);
  const bundle = args.bundle || process.cwd();
  const path = socketPath(args.address, args.namespace, args.id);
  startDaemon(name, args, bundle, path);
  const address = `unix://${path}`;
  // containerd up to 1.7 finds the shim again by this file after a restart.
  writeFileSync(join(bundle, "address"), address, { mode: 0o600 });
  writeSync(1, address);
}

/**
 * Has the launcher listen and start the daemon, which inherits the socket and nothing of our stdout and stderr. When a live
 * daemon serves the socket already, nothing is done.
 */
function startDaemon(name: string, args: ShimArguments, bundle: string, path: string): void {
  const daemon = [panicLogPath(bundle), process.execPath, name, ...daemonArguments(args, bundle)];
  const { status, stderr, error } = spawnSync(launcherPath(), ["daemon", path, ...daemon], {
    stdio: ["ignore", "ignore", "pipe"],
    env: daemonEnvironment(),
    encoding: "utf8",
  });
  if (error !== undefined) throw systemError(`start ${launcherPath()}`, error);
  if (status !== 0 && status !== alreadyServed) throw new RundError(Code.unavailable, stderr.trim());
}

/**
 * Bun reads these variables, Node ignores them. The daemon runs each piece of its code a few times in its life, and
 * compiling it to machine code would cost 2 MB in every shim; and it would let 6 MB of garbage gather before it looks for
 * any, where a megabyte is enough (docs/architecture.md).
 */
function daemonEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, BUN_JSC_useJIT: "0", BUN_JSC_largeHeapSize: String(1 << 20) };
}

function daemonArguments(args: ShimArguments, bundle: string): string[] {
  const { namespace, id, address, debug } = args;
  const flags = ["-namespace", namespace, "-id", id, "-address", address, "-bundle", bundle];
  return [...flags, ...(debug ? ["-debug"] : []), "daemon"];
}
