import { Code, RundError } from "../common/error.ts";
import { annotationNames } from "../oci/annotations.ts";
import type { Process, Spec } from "../oci/spec.ts";
import { platform } from "../platform/platform.ts";
import type { LaunchOptions } from "./container_process.ts";
import { darwinEnvironment } from "./darwin_environment.ts";
import { linuxSettings } from "./linux_settings.ts";

/**
 * What the launcher needs of an OCI process document, the init's or an exec's, in a container with this spec.
 * @throws RundError invalidArgument when there is no program to run, or a setting means nothing
 */
export function launchOptions(root: string, process: Process, spec: Spec): LaunchOptions {
  const args = process.args ?? [];
  if (args.length === 0) throw new RundError(Code.invalidArgument, "process: args must not be empty");
  const { user, consoleSize, env = [] } = process;
  const system = platform().name;
  const seatbelt = spec.annotations?.[annotationNames.seatbelt]?.trim();
  return {
    root,
    args,
    env: system === "darwin" ? darwinEnvironment(env, spec) : env,
    cwd: process.cwd || "/",
    uid: user?.uid ?? 0,
    gid: user?.gid ?? 0,
    additionalGids: user?.additionalGids ?? [],
    ...(user?.umask !== undefined && { umask: user.umask }),
    limits: process.rlimits ?? [],
    ...(consoleSize && { terminalSize: consoleSize }),
    ...(seatbelt && { seatbelt }),
    ...(system === "linux" && { linux: linuxSettings(process, spec.linux) }),
  };
}
