import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import yargs from "yargs";
import { writeFormula } from "./release_formula.ts";
import { readHelp } from "./release_help.ts";
import { notices } from "./release_notices.ts";
import { packFolder, packForNpm, writeChecksums } from "./release_pack.ts";
import { smokeTest } from "./release_smoke.ts";
import { addService, addTexts, assertPrograms, makePrograms, releaseKinds } from "./release_tree.ts";

/**
 * Makes the releases for all machines in dist/release, on Linux: tarballs, packages for npm, Homebrew's formula and
 * checksums. Each is looked at, and the one for this machine installed and tried.
 */

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(project, "dist/release");

/** Says by its name that nothing is there. */
const unknownUrl = "https://rund.invalid";

interface Manifest {
  readonly version: string;
  readonly devDependencies: { readonly bun: string };
}

const { version, devDependencies } = JSON.parse(
  readFileSync(join(project, "package.json"), "utf8"),
) as Manifest;
const { stdout } = await execa("git", ["log", "-1", "--format=%ct"], { cwd: project });
const time = Number(stdout);
const date = new Date(time * 1000).toISOString().slice(0, 10);
const context = { project, version, date, notices: notices(project, devDependencies.bun) };
const own = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const folderOf = (kind: string) => join(output, `rund-${version}-${kind}`);

const { url } = await yargs(process.argv.slice(2))
  .scriptName("scripts/release")
  .usage(
    "$0 [--url BASE]\n\nMakes the releases for all machines in dist/release, checks them, and tries this machine's.",
  )
  .option("url", {
    type: "string",
    default: unknownUrl,
    describe: "where the files will be found, for the formula",
  })
  .strict()
  .parseAsync();

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const kind of releaseKinds) {
  console.log(`==> ${kind}`);
  await makePrograms(folderOf(kind), kind);
  assertPrograms(folderOf(kind), kind, project);
}
const help = await readHelp(join(folderOf(own), "bin/rund"));
console.log("==> packing");
// All at once: compressing takes most of the time, and each uses one processor.
const packed = releaseKinds.map(async (kind) => {
  const folder = folderOf(kind);
  addTexts(folder, help, context);
  addService(folder, kind, project);
  const files = await Promise.all([packFolder(folder, time), packForNpm(folder, kind, version)]);
  rmSync(folder, { recursive: true });
  return files;
});
const files = (await Promise.all(packed)).flat();
writeChecksums(files);
writeFormula(project, output, version, url);
console.log("==> trying the release for this machine");
await smokeTest(`${folderOf(own)}.tar.gz`, join(output, `rund-${own}-${version}.tgz`), version);
console.log(files.join("\n"));
