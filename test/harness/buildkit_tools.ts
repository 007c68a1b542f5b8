import { mkdir, rename, rm } from "node:fs/promises";
import { execa } from "execa";
import { exists } from "./debian_suite.ts";
import { withFileLock } from "./file_lock.ts";
import { goCompiler } from "./go_compiler.ts";
import { cacheFolder } from "./project_paths.ts";

const version = "v0.32.2";
/** Its go.mod asks for Go 1.26.3. */
const goPatch = 3;

/**
 * The path of `buildkitd`. Debian has no package of it, so Go's client fetches the source and its dependencies, checked
 * against their sums, and builds it once for the cache: some minutes on a slow machine.
 */
export async function buildkitdProgram(): Promise<string> {
  const folder = `${cacheFolder()}/buildkit-${version}-${process.arch}`;
  if (await exists(`${folder}/buildkitd`)) return `${folder}/buildkitd`;
  return withFileLock(`${folder}.lock`, async () => {
    if (!(await exists(`${folder}/buildkitd`))) await buildInto(folder);
    return `${folder}/buildkitd`;
  });
}

async function buildInto(folder: string): Promise<void> {
  const go = await goCompiler(goPatch);
  process.stderr.write(`building buildkitd ${version} with Go, once: this takes some minutes\n`);
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
    throw new Error(`buildkitd ${version}: ${go} ${args[0]}: ${result.stderr.slice(-3000)}\n${advice}`);
  };
  // Not `go install …@version`: that refuses a module whose go.mod excludes versions, as this one does.
  const module = await run(["mod", "download", "-json", `github.com/moby/buildkit@${version}`], work);
  const source = (JSON.parse(module) as { Dir: string }).Dir;
  const flags = [
    "-trimpath",
    "-tags",
    "osusergo,netgo",
    "-ldflags",
    `-s -w -X ${versionVariable}=${version}`,
  ];
  await run(["build", ...flags, "-o", `${work}/bin/`, "./cmd/buildkitd"], source);
  await rename(`${work}/bin`, folder);
  await remove(work);
}

const versionVariable = "github.com/moby/buildkit/version.Version";

const advice =
  "buildkitd is built from Go's module proxy (GOPROXY names another one); a machine without one can be given the " +
  `finished program as .cache/buildkit-${version}-${process.arch}/buildkitd`;

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
