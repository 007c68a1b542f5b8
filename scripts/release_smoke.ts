import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Nothing of the building machine's but the system's programs. */
const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };

/** Installs packed releases into empty folders and has them make jails. Needs root, like rund. */
export async function smokeTest(tarball: string, npmPackage: string, version: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rund-release-"));
  try {
    await execa("tar", ["-C", folder, "--strip-components=1", "-xzf", tarball]);
    await tryPrograms(join(folder, "bin"), version);
    const prefix = join(folder, "npm");
    await execa("npm", ["install", "--global", "--offline", "--prefix", prefix, npmPackage]);
    await tryPrograms(join(prefix, "bin"), version);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryPrograms(bin: string, version: string): Promise<void> {
  const run = (name: string, ...args: string[]) =>
    execa(join(bin, name), args, { env, extendEnv: false, cwd: "/", reject: false });
  const rund = await run("rund", "--version");
  if (!rund.stdout.startsWith(`rund version ${version}\n`))
    throw new Error(`rund --version: ${rund.stdout}${rund.stderr}`);
  const shim = await run("containerd-shim-rund-v1", "-v");
  if (!shim.stdout.includes(version)) throw new Error(`the shim's -v: ${shim.stdout}${shim.stderr}`);
  const snapshotter = await run("rund-snapshotter", "--help");
  if (!snapshotter.stdout.includes("rund snapshotter [flags]"))
    throw new Error(`rund-snapshotter --help: ${snapshotter.stdout}${snapshotter.stderr}`);
  const { exitCode, stdout } = await run("rund", "doctor", "--selftest");
  if (exitCode !== 0) throw new Error(`rund doctor --selftest:\n${stdout}`);
}
