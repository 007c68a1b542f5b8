import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { buildLauncher } from "./build_launcher.ts";
import "./generate.ts";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(project, "dist", "bin");

/**
 * The executable's other names. Those that containerd knows the shim by are the launcher's, which hands over to it.
 */
const names = {
  "containerd-shim-rund-v1": "../libexec/rund-jail",
  "containerd-shim-rund-v2": "../libexec/rund-jail",
  "rund-snapshotter": "rund",
};

/**
 * Without these the program would read settings, and even code to load first, from whatever folder it is run in; as root,
 * in a folder that may be somebody else's.
 */
const isolation = ["bunfig", "dotenv"].map((file) => `--no-compile-autoload-${file}`);

/** The commit that is built, ".m" behind it when files differ from it, as containerd writes its own; "" outside of git. */
async function sourceRevision(): Promise<string> {
  const git = (...args: string[]) => execa("git", args, { cwd: project, reject: false });
  const commit = await git("rev-parse", "HEAD");
  if (commit.exitCode !== 0) return "";
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes.stdout === "" ? commit.stdout : `${commit.stdout}.m`;
}

async function buildExecutable(): Promise<void> {
  mkdirSync(binaries, { recursive: true });
  const outfile = join(binaries, "rund");
  const revision = `--define=RUND_REVISION=${JSON.stringify(await sourceRevision())}`;
  const kind = ["--compile", "--minify", "--bytecode", "--format=esm", "--splitting"];
  const options = [...kind, revision, ...isolation];
  await execa("bun", ["build", ...options, "src/bin/rund.ts", "--outfile", outfile], {
    cwd: project,
    preferLocal: true,
    stdout: "ignore",
    stderr: "inherit",
  });
  for (const [name, target] of Object.entries(names)) {
    rmSync(join(binaries, name), { force: true });
    symlinkSync(target, join(binaries, name));
  }
}

await Promise.all([buildExecutable(), buildLauncher()]);
console.log(`built ${binaries}`);
