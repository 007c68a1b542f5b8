import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { type ContainerdVersion, containerdPrograms } from "./containerd_programs.ts";
import { exists } from "./debian_suite.ts";
import { fetchPackages } from "./packages.ts";

export const dockerVersions = ["28.5", "26.1"] as const;
export type DockerVersion = (typeof dockerVersions)[number];

/** Folders of programs, in the order in which they stand on a daemon's PATH. */
export interface ContainerdTools {
  readonly containerd: string;
  readonly ctr: string;
  readonly path: readonly string[];
}

/** The programs of one containerd with runc and bindfs beside it, fetched when missing. */
export async function containerdTools(version: ContainerdVersion): Promise<ContainerdTools> {
  const bin = await containerdPrograms(version);
  const runc = `${await fetchPackages("runc")}/usr/sbin`;
  return {
    containerd: `${bin}/containerd`,
    ctr: await ctrProgram(version),
    path: [bin, runc, await bindfsFolder()],
  };
}

/** The client that belongs to a containerd. 1.6's has no `--user`, which many tests need, so 1.7's talks to it. */
async function ctrProgram(version: ContainerdVersion): Promise<string> {
  return `${await containerdPrograms(version === "1.6" ? "1.7" : version)}/ctr`;
}

/** The programs of one docker: daemon, client, and the folder of the client's plugins. */
export interface DockerTools {
  readonly dockerd: string;
  readonly docker: string;
  readonly plugins: string;
}

export async function dockerTools(version: DockerVersion): Promise<DockerTools> {
  const root = await fetchPackages(`docker-${version}`);
  return {
    dockerd: `${root}/usr/sbin/dockerd`,
    docker: `${root}/usr/bin/docker`,
    plugins: `${root}/usr/libexec/docker/cli-plugins`,
  };
}

/** The folder with `bindfs`. */
export async function bindfsFolder(): Promise<string> {
  return wrappedPrograms(await fetchPackages("bindfs"), ["bindfs"]);
}

/** The folder with `podman`, `buildah` and the `conmon` that podman runs. */
export async function podmanFolder(): Promise<string> {
  return wrappedPrograms(await fetchPackages("podman"), ["podman", "buildah", "conmon"]);
}

/** A folder with a script for each program, since unpacked ones do not find the libraries that came with them. */
async function wrappedPrograms(root: string, names: readonly string[]): Promise<string> {
  const folder = `${root}/wrapped`;
  if (await exists(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  const libraries = (await Promise.all([`${root}/lib`, `${root}/usr/lib`].map(machineFolders))).flat();
  for (const name of names) {
    const script = `#!/bin/sh\nLD_LIBRARY_PATH=${libraries.join(":")} exec ${root}/usr/bin/${name} "$@"\n`;
    await writeFile(`${partial}/${name}`, script, { mode: 0o755 });
  }
  // Somebody else may have been quicker, and then it is there.
  await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
  return folder;
}

/** Those of libraries for this kind of machine: `x86_64-linux-gnu`. */
async function machineFolders(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith("-linux-gnu")).map((name) => `${folder}/${name}`);
}

/** A statically linked busybox. */
export async function busyboxProgram(): Promise<string> {
  return `${await fetchPackages("busybox")}/bin/busybox`;
}
