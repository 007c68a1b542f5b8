import { execa } from "execa";
import { fetchPackages } from "./packages.ts";

/**
 * A Go compiler of 1.26 from `patch` on or newer: the machine's own, or else Debian's, which is fetched.
 * Returns the program's name or path.
 */
export async function goCompiler(patch: number): Promise<string> {
  const env = { GOTOOLCHAIN: "local" };
  const { stdout, exitCode } = await execa("go", ["env", "GOVERSION"], { env, reject: false });
  const [, minor = 0, fix = 0] = (/^go1\.(\d+)(?:\.(\d+))?/.exec(stdout) ?? []).map(Number);
  if (exitCode === 0 && (minor > 26 || (minor === 26 && fix >= patch))) return "go";
  return `${await fetchPackages("go-1.26")}/usr/lib/go-1.26/bin/go`;
}
