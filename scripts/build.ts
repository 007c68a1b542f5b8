import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileExecutable, programLinks } from "./build_executable.ts";
import { buildLauncher } from "./build_launcher.ts";

const binaries = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "bin");

async function buildExecutable(): Promise<void> {
  mkdirSync(binaries, { recursive: true });
  await compileExecutable(join(binaries, "rund"));
  for (const [name, target] of Object.entries(programLinks)) {
    rmSync(join(binaries, name), { force: true });
    symlinkSync(target, join(binaries, name));
  }
}

await Promise.all([buildExecutable(), buildLauncher()]);
console.log(`built ${binaries}`);
