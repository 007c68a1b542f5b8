import { writeSync } from "node:fs";
import { RundError } from "../common/error.ts";
import { parseShimArguments, type ShimArguments } from "./arguments.ts";

/**
 * Runs the shim's role for what containerd asked. Nothing but the answer may go to stdout or stderr of `start`:
 * containerd reads both as the answer.
 */
export async function runShim(name: string, args: readonly string[]): Promise<void> {
  try {
    await runAction(name, parseShimArguments(args));
  } catch (error) {
    writeSync(2, `${name}: ${RundError.from(error).message}\n`);
    process.exit(1);
  }
}

async function runAction(name: string, args: ShimArguments): Promise<void> {
  if (args.version) return (await import("./version.ts")).printVersion(name);
  if (args.info) return (await import("./info.ts")).printInfo(name);
  switch (args.action) {
    case "start":
      return (await import("./start.ts")).startShim(name, args);
    case "delete":
      return (await import("./delete.ts")).deleteContainer(args);
    case "daemon":
      return (await import("./daemon.ts")).runDaemon(args);
    default:
      return (await import("./version.ts")).printUsage(name, args.action);
  }
}
