import { join } from "node:path";
import { usualFolders } from "../setup/setup_host.ts";
import type { DoctorHost } from "./finding.ts";

/** Where a program is, on PATH or where daemons usually are: sudo often shortens PATH. */
export function findProgram(host: DoctorHost, name: string): string | undefined {
  const folders = [...(host.environment["PATH"] ?? "").split(":"), join(host.prefix, "bin"), ...usualFolders];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((path) => host.isThere(path));
}
