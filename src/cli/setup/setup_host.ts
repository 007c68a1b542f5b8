import { existsSync } from "node:fs";
import { platform } from "../../platform/platform.ts";
import { configFile, programs, type SetupHost, type TargetName } from "./setup_target.ts";

const architectures: Readonly<Record<string, string>> = { x64: "amd64" };

export function setupHost(): SetupHost {
  const { name, runtimeDirectory } = platform();
  const usualPrefix = process.arch === "arm64" ? "/opt/homebrew" : "/usr/local";
  return {
    platform: name,
    architecture: architectures[process.arch] ?? process.arch,
    prefix: process.env["HOMEBREW_PREFIX"] || usualPrefix,
    runtimeDirectory,
  };
}

/** Folders in which daemons are found beside those of PATH, which sudo often shortens. */
export const usualFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The daemons that are installed here, as far as their programs or files are seen. */
export function installedTargets(host: SetupHost, environment: NodeJS.ProcessEnv): TargetName[] {
  const folders = [...(environment["PATH"] ?? "").split(":"), `${host.prefix}/bin`, ...usualFolders];
  const isThere = (name: TargetName) =>
    existsSync(configFile(name, host)) || folders.some((folder) => existsSync(`${folder}/${programs[name]}`));
  return (Object.keys(programs) as TargetName[]).filter(isThere);
}
