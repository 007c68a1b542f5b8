import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import "./generate.ts";

const project = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The programs' other names, and where they lead from `bin`. Those that containerd knows the shim by are the launcher's, which
 * hands over to the executable.
 */
export const programLinks: Readonly<Record<string, string>> = {
  "containerd-shim-rund-v1": "../libexec/rund-jail",
  "containerd-shim-rund-v2": "../libexec/rund-jail",
  "rund-snapshotter": "rund",
};

/**
 * Without these the program would read settings, and even code to load first, from whatever folder it is run in; as root,
 * in a folder that may be somebody else's.
 */
const isolation = ["bunfig", "dotenv"].map((file) => `--no-compile-autoload-${file}`);

/** Packages of the older kind get their folder compiled in otherwise, which is that of the machine that builds. */
const neutralPaths = ["__dirname", "__filename"].map((name) => `--define=${name}="/"`);

/** The commit that is built, ".m" behind it when files differ from it, as containerd writes its own; "" outside of git. */
export async function sourceRevision(): Promise<string> {
  const git = (...args: string[]) => execa("git", args, { cwd: project, reject: false });
  const commit = await git("rev-parse", "HEAD");
  if (commit.exitCode !== 0) return "";
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes.stdout === "" ? commit.stdout : `${commit.stdout}.m`;
}

/** Compiles the one executable, for this machine or for another by Bun's name of it (`bun-darwin-arm64`). */
export async function compileExecutable(outfile: string, target?: string): Promise<void> {
  const revision = `--define=RUND_REVISION=${JSON.stringify(await sourceRevision())}`;
  const kind = ["--compile", "--minify", "--bytecode", "--format=esm", "--splitting"];
  const options = [
    ...kind,
    ...(target === undefined ? [] : [`--target=${target}`]),
    revision,
    ...neutralPaths,
    ...isolation,
  ];
  await execa("bun", ["build", ...options, "src/bin/rund.ts", "--outfile", outfile], {
    cwd: project,
    preferLocal: true,
    stdout: "ignore",
    stderr: "inherit",
  });
}
