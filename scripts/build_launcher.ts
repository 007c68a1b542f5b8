import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceFolder = join(repository, "src/jail/launcher");

const warnings = ["-Wall", "-Wextra", "-Werror", "-Wpedantic", "-Wconversion", "-Wshadow"];
const language = ["-std=c11", "-D_GNU_SOURCE", "-D_DARWIN_C_SOURCE"];

/** Paths of the launcher's C files, sorted so that every build has the same order. */
export function launcherSources(): string[] {
  return sourcesWith(".c");
}

function sourcesWith(extension: string): string[] {
  return readdirSync(sourceFolder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(sourceFolder, name));
}

/** Whether `output` is missing or older than a source, a header or this script. */
export function isStale(output: string): boolean {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const inputs = [...sourcesWith(".c"), ...sourcesWith(".h"), fileURLToPath(import.meta.url)];
  return statSync(sourceFolder).mtimeMs > built || inputs.some((input) => statSync(input).mtimeMs > built);
}

/** Compiles all C files with `compiler` into `output`, which appears only when whole. */
export function compileLauncher(compiler: readonly string[], flags: readonly string[], output: string): void {
  const [command, ...prefix] = compiler;
  if (command === undefined) throw new Error("compiler: empty command");
  mkdirSync(dirname(output), { recursive: true });
  const partial = `${output}.${process.pid}`;
  const args = [...prefix, ...language, ...warnings, ...flags, "-o", partial, ...launcherSources()];
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  renameSync(partial, output);
}

/**
 * Builds the launcher for this machine when it is stale and returns its path. On Linux it is static: no loader that
 * a variable could steer, and a quicker exec.
 */
export function buildLauncher(): string {
  const output = join(repository, "dist/libexec/rund-jail");
  const linking = process.platform === "linux" ? ["-static"] : [];
  if (isStale(output)) compileLauncher([process.env["CC"] ?? "cc"], ["-O2", ...linking], output);
  return output;
}

/** Builds the launcher with address and undefined-behaviour checks, for a second run of its tests. */
export function buildSanitizedLauncher(): string {
  const output = join(repository, "dist/test/rund-jail-asan");
  const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
  if (isStale(output)) compileLauncher([process.env["CC"] ?? "cc"], ["-O1", "-g", ...checks], output);
  return output;
}

function main(options: readonly string[]): void {
  const unknown = options.find((option) => option !== "--sanitize" && option !== "--darwin");
  if (unknown !== undefined) throw new Error(`unknown option: ${unknown}`);
  if (options.length === 0) console.log(buildLauncher());
  if (options.includes("--sanitize")) console.log(buildSanitizedLauncher());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
