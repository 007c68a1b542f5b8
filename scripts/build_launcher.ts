import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertProgram } from "./release_program.ts";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceFolder = join(repository, "src/jail/launcher");

const warnings = ["-Wall", "-Wextra", "-Werror", "-Wpedantic", "-Wconversion", "-Wshadow"];
const language = ["-std=c11", "-D_GNU_SOURCE", "-D_DARWIN_C_SOURCE"];

/** The compiler for macOS programs on another system: it brings Apple's headers and the stubs of libSystem. */
const zigVersion = "0.17.1";

type Platform = "linux" | "darwin";

/** What can be built for other machines, by the names of releases, with the compiler's names. */
const crossTargets = {
  "darwin-arm64": "aarch64-macos.11.0",
  "darwin-x64": "x86_64-macos.11.0",
  "linux-arm64": "aarch64-linux-musl",
  "linux-x64": "x86_64-linux-musl",
} as const;

/** musl's ioctl takes an int for the unsigned request numbers of the kernel's headers, its CMSG_NXTHDR mixes signs. */
const staticFlags = ["-static", "-Wno-sign-conversion", "-Wno-sign-compare"];

export type CrossTarget = keyof typeof crossTargets;

/**
 * The C files for a platform, sorted so that every build has the same order: all but the other one's `*_linux.c` or
 * `*_darwin.c`.
 */
function sourcesFor(platform: Platform): string[] {
  const foreign = platform === "linux" ? /_darwin\.c$/ : /_linux\.c$/;
  return readdirSync(sourceFolder)
    .filter((name) => name.endsWith(".c") && !foreign.test(name))
    .sort()
    .map((name) => join(sourceFolder, name));
}

/** Whether `output` is missing or older than a source, a header, the folder's list of files, or this script. */
function isStale(output: string): boolean {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const inputs = readdirSync(sourceFolder).map((name) => join(sourceFolder, name));
  return [sourceFolder, fileURLToPath(import.meta.url), ...inputs].some(
    (input) => statSync(input).mtimeMs > built,
  );
}

interface Compilation {
  readonly platform: Platform;
  /** The command and its first arguments. */
  readonly compiler: readonly [string, ...string[]];
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly output: string;
}

/** Compiles and links when stale. The output appears only when whole, so a running launcher is never cut. */
function compile({ platform, compiler, flags, environment, output }: Compilation): string {
  if (!isStale(output)) return output;
  // A folder of its own and not another name: the linker signs a macOS program with the name it writes.
  const folder = `${output}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const partial = join(folder, basename(output));
  const [command, ...prefix] = compiler;
  const args = [...prefix, ...language, ...warnings, ...flags, "-o", partial, ...sourcesFor(platform)];
  const { status, error } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (status === 0) renameSync(partial, output);
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? `failed to build ${output}`}`);
  return output;
}

function hostCompiler(): readonly [string] {
  return [process.env["CC"] ?? "cc"];
}

function hostPlatform(): Platform {
  return process.platform === "darwin" ? "darwin" : "linux";
}

/**
 * Builds the launcher for this machine when it is stale and returns its path. On Linux it is static: no loader that
 * a variable could steer, and a quicker exec.
 */
export function buildLauncher(): string {
  const platform = hostPlatform();
  const flags = platform === "linux" ? ["-O2", "-static"] : ["-O2"];
  const output = join(repository, "dist/libexec/rund-jail");
  return compile({ platform, compiler: hostCompiler(), flags, output });
}

/** Builds the launcher with address and undefined-behaviour checks, for a second run of its tests. */
export function buildSanitizedLauncher(): string {
  const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
  const output = join(repository, "dist/test/rund-jail-asan");
  return compile({
    platform: hostPlatform(),
    compiler: hostCompiler(),
    flags: ["-O1", "-g", ...checks],
    output,
  });
}

/** Builds the launcher for another kind of machine; needs python3 with pip the first time. Returns its path. */
export function crossBuildLauncher(name: CrossTarget): string {
  const platform: Platform = name.startsWith("darwin") ? "darwin" : "linux";
  return compile({
    platform,
    compiler: ["python3", "-m", "ziglang", "cc"],
    // No debugging data: it would hold the paths of the machine that built it.
    flags: [
      "-target",
      crossTargets[name],
      "-O2",
      "-g0",
      "-Wl,-s",
      ...(platform === "linux" ? staticFlags : []),
    ],
    environment: zigEnvironment(),
    output: join(repository, `dist/${name}/rund-jail`),
  });
}

/** Builds the launcher for both kinds of Mac and looks at what came out. Returns the paths. */
export function buildDarwinLaunchers(): string[] {
  return (["darwin-arm64", "darwin-x64"] as const).map((name) => {
    const output = crossBuildLauncher(name);
    assertProgram(readFileSync(output), name);
    return output;
  });
}

function zigEnvironment(): Record<string, string> {
  const cache = join(repository, ".cache/zig");
  const installed = join(cache, zigVersion);
  if (!existsSync(installed)) installZig(installed);
  return {
    PYTHONPATH: installed,
    ZIG_GLOBAL_CACHE_DIR: join(cache, "cache"),
    ZIG_LOCAL_CACHE_DIR: join(cache, "cache"),
  };
}

function installZig(folder: string): void {
  const pip = spawnSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
  if (pip.status !== 0) throw new Error("the macOS build needs python3 with pip, which was not found");
  const partial = `${folder}.${process.pid}`;
  const args = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--target",
    partial,
    `ziglang==${zigVersion}`,
  ];
  execFileSync("python3", args, { stdio: "inherit" });
  renameSync(partial, folder);
}

function main(options: readonly string[]): void {
  const unknown = options.find((option) => option !== "--sanitize" && option !== "--darwin");
  if (unknown !== undefined) throw new Error(`unknown option: ${unknown}`);
  if (options.length === 0) console.log(buildLauncher());
  if (options.includes("--sanitize")) console.log(buildSanitizedLauncher());
  if (options.includes("--darwin")) console.log(buildDarwinLaunchers().join("\n"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
