import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { programLinks } from "./build_executable.ts";
import type { ProgramKind } from "./release_program.ts";

/** Packs a folder so that the same content gives the same file. `time` in seconds since 1970. Returns the file. */
export async function packFolder(folder: string, time: number): Promise<string> {
  const file = `${folder}.tar.gz`;
  const same = [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    `--mtime=@${time}`,
    "--format=gnu",
  ];
  const args = ["-C", dirname(folder), ...same, "-I", "gzip -n", "-cf", file, basename(folder)];
  await execa("tar", args);
  return file;
}

/**
 * A package for npm with the programs of one kind of machine. npm leaves links out, but makes those that `bin` names; the
 * launcher finds itself through them.
 */
export async function packForNpm(folder: string, kind: ProgramKind, version: string): Promise<string> {
  const [os = "", cpu = ""] = kind.split("-");
  const output = dirname(folder);
  const tree = join(output, `npm-${kind}`);
  mkdirSync(tree, { recursive: true });
  for (const name of ["bin/rund", "libexec/rund-jail", "share/doc/rund/NOTICES", "share/doc/rund/LICENSE"]) {
    cpSync(join(folder, name), join(tree, name.startsWith("share") ? basename(name) : name));
  }
  cpSync(join(folder, "share/doc/rund/README.md"), join(tree, "README.md"));
  const links = Object.entries(programLinks).map(([name, target]) => [name, join("bin", target)]);
  const manifest = {
    name: `rund-${kind}`,
    version,
    description: `Native macOS containers: rund's programs for ${kind}`,
    license: "Apache-2.0",
    os: [os],
    cpu: [cpu],
    bin: { rund: "bin/rund", ...Object.fromEntries(links) },
  };
  writeFileSync(join(tree, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", output], { cwd: tree });
  rmSync(tree, { recursive: true });
  return join(output, stdout.trim().split("\n").at(-1) ?? "");
}

export function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** As `sha256sum --check` reads it. */
export function writeChecksums(files: readonly string[]): void {
  const lines = files.map((file) => `${sha256(file)}  ${basename(file)}\n`);
  writeFileSync(join(dirname(files[0] ?? ""), "SHA256SUMS"), lines.sort().join(""));
}
