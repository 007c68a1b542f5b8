import { mkdir, rename, rm } from "node:fs/promises";
import { execa } from "execa";
import { exists } from "./debian_suite.ts";
import { withFileLock } from "./file_lock.ts";
import { goCompiler } from "./go_compiler.ts";
import { cacheFolder } from "./project_paths.ts";

/** Programs that Debian has no package of, at a pinned version. */
export interface GoPrograms {
  /** What people call them together. */
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Folders of the module, each a program of the folder's name. */
  readonly commands: readonly [string, ...string[]];
  /** Its go.mod asks for Go 1.26 with this patch. */
  readonly goPatch: number;
  /** Build tags besides those that make static programs. */
  readonly tags: readonly string[];
  /** The variable that tells the program its version. */
  readonly versionVariable: string;
}

/**
 * The folder with the programs. Go's client fetches the source and its dependencies, checked against their sums, and
 * builds them once for the cache: some minutes on a slow machine.
 */
export async function goPrograms(programs: GoPrograms): Promise<string> {
  const { name, version } = programs;
  const folder = `${cacheFolder()}/${name}-${version}-${process.arch}`;
  if (await exists(folder)) return folder;
  await withFileLock(`${folder}.lock`, async () => {
    if (!(await exists(folder))) await buildInto(folder, programs);
  });
  return folder;
}

async function buildInto(folder: string, programs: GoPrograms): Promise<void> {
  const { name, module, version, commands, tags, versionVariable } = programs;
  const go = await goCompiler(programs.goPatch);
  process.stderr.write(`building ${name} ${version} with Go, once: this takes some minutes\n`);
  const work = `${folder}.partial`;
  await remove(work);
  await mkdir(work, { recursive: true });
  const env = {
    ...{ GOPATH: `${work}/path`, GOMODCACHE: `${work}/modules`, GOCACHE: `${work}/cache`, GOENV: "off" },
    ...{ GOTOOLCHAIN: "local", GOFLAGS: "-p=2 -modcacherw", CGO_ENABLED: "0" },
  };
  const run = async (args: readonly string[], cwd: string): Promise<string> => {
    const result = await execa(go, args, { cwd, env, reject: false, timeout: 1_800_000 });
    if (result.exitCode === 0) return result.stdout;
    const advice =
      `${name} is built from Go's module proxy (GOPROXY names another one); a machine without one can be given the ` +
      `finished programs in ${folder}`;
    throw new Error(`${name} ${version}: ${go} ${args[0]}: ${result.stderr.slice(-3000)}\n${advice}`);
  };
  // Not `go install …@version`: that refuses a module whose go.mod excludes versions, as BuildKit's does.
  const download = await run(["mod", "download", "-json", `${module}@${version}`], work);
  const source = (JSON.parse(download) as { Dir: string }).Dir;
  const flags = ["-trimpath", "-tags", ["osusergo", "netgo", ...tags].join(",")];
  const variables = `-s -w -X ${versionVariable}=${version}`;
  await run(["build", ...flags, "-ldflags", variables, "-o", `${work}/bin/`, ...commands], source);
  await rename(`${work}/bin`, folder);
  await remove(work);
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
