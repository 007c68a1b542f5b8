import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { buildLauncher } from "./build_launcher.ts";
import "./generate.ts";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(project, "dist", "bin");

/** The names that containerd knows the shim by. They are the launcher's, which hands over to the executable. */
const names = ["containerd-shim-rund-v1", "containerd-shim-rund-v2"];

/**
 * Without these the program would read settings, and even code to load first, from whatever folder it is run in; as root,
 * in a folder that may be somebody else's.
 */
const isolation = ["bunfig", "dotenv"].map((file) => `--no-compile-autoload-${file}`);

async function buildExecutable(): Promise<void> {
  mkdirSync(binaries, { recursive: true });
  const outfile = join(binaries, "rund");
  const options = ["--compile", "--minify", "--bytecode", "--format=esm", "--splitting", ...isolation];
  await execa("bun", ["build", ...options, "src/bin/rund.ts", "--outfile", outfile], {
    cwd: project,
    preferLocal: true,
    stdout: "ignore",
    stderr: "inherit",
  });
  for (const name of names) {
    rmSync(join(binaries, name), { force: true });
    symlinkSync("../libexec/rund-jail", join(binaries, name));
  }
}

await Promise.all([buildExecutable(), buildLauncher()]);
console.log(`built ${binaries}`);
