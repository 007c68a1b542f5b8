import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { late } from "../common/late.ts";

const launcherName = "rund-jail";

/**
 * Absolute path of the native launcher. `RUND_LIBEXEC` names another folder to take it from. A compiled
 * executable finds it beside its own real path (`../libexec`), so the tree can be moved or linked into PATH;
 * under Node it is the one the build left in `dist`.
 */
export function launcherPath(): string {
  const folder = process.env["RUND_LIBEXEC"];
  if (folder) return join(folder, launcherName);
  if (isCompiled()) return besideExecutable();
  return late("node:url").fileURLToPath(new URL(`../../dist/libexec/${launcherName}`, import.meta.url));
}

let compiledPath: string | undefined;

/** Looked for once: every process of a jail needs it. */
function besideExecutable(): string {
  compiledPath ??= join(dirname(realpathSync(process.execPath)), "../libexec", launcherName);
  return compiledPath;
}

/** Modules inside a compiled executable live in a file system of the runtime's own. */
function isCompiled(): boolean {
  return import.meta.url.includes("$bunfs") || import.meta.url.includes("~BUN");
}
