import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root folder of the project. */
export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Where fetched packages survive between runs: `RUND_CACHE`, or `.cache` in the project. */
export function cacheFolder(): string {
  return resolve(process.env["RUND_CACHE"] ?? `${projectFolder}/.cache`);
}

/** The folder whose `containerd-shim-*` programs the daemons run: `RUND_SHIM_FOLDER`, or `dist/bin`. */
export function shimFolder(): string {
  return resolve(process.env["RUND_SHIM_FOLDER"] ?? `${projectFolder}/dist/bin`);
}
