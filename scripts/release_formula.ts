import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./release_pack.ts";

/** Writes Homebrew's formula for a release, from the one in packaging/ with its blanks filled in. */
export function writeFormula(project: string, output: string, version: string, url: string): void {
  const template = readFileSync(join(project, "packaging/homebrew/rund.rb"), "utf8");
  const checksum = (kind: string) => sha256(join(output, `rund-${version}-${kind}.tar.gz`));
  const text = template
    .replaceAll("@URL@", url)
    .replaceAll("@VERSION@", version)
    .replaceAll("@SHA256_ARM64@", checksum("darwin-arm64"))
    .replaceAll("@SHA256_X64@", checksum("darwin-x64"));
  writeFileSync(join(output, "rund.rb"), text);
}
