import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const launcherName = "rund-jail";

/**
 * Absolute path of the launcher. `RUND_LIBEXEC` names another folder for it; a compiled rund looks in `../libexec` from
 * its own real path, so that the installation can be moved or linked into PATH; the source tree uses what it built.
 */
export function launcherPath(): string {
  const override = process.env["RUND_LIBEXEC"];
  if (override !== undefined && override !== "") return join(override, launcherName);
  const executable = realpathSync(process.execPath);
  if (!isInterpreter(executable)) return join(dirname(executable), "..", "libexec", launcherName);
  return join(dirname(fileURLToPath(import.meta.url)), "..", "..", "dist", "libexec", launcherName);
}

/** Whether the executable is a JavaScript runtime that was given our source, rather than our own program. */
function isInterpreter(executable: string): boolean {
  return /^(node|nodejs|bun|bunx)([-.\d].*)?$/.test(basename(executable));
}
