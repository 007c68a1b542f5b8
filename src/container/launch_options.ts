import { Code, RundError } from "../common/error.ts";
import type { Process } from "../oci/spec.ts";
import type { LaunchOptions } from "./container_process.ts";

/**
 * What the launcher needs of an OCI process document.
 * @throws RundError invalidArgument when there is no program to run
 */
export function launchOptions(root: string, process: Process): LaunchOptions {
  const args = process.args ?? [];
  if (args.length === 0) throw new RundError(Code.invalidArgument, "process: args must not be empty");
  const { user, consoleSize } = process;
  return {
    root,
    args,
    env: process.env ?? [],
    cwd: process.cwd || "/",
    uid: user?.uid ?? 0,
    gid: user?.gid ?? 0,
    additionalGids: user?.additionalGids ?? [],
    ...(user?.umask !== undefined && { umask: user.umask }),
    limits: process.rlimits ?? [],
    ...(consoleSize && { terminalSize: consoleSize }),
  };
}
