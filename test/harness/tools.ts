import { chmod, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { exists } from "./debian_suite.ts";
import { fetchPackages } from "./packages.ts";

export const containerdVersions = ["2.1", "1.7", "1.6"] as const;
export type ContainerdVersion = (typeof containerdVersions)[number];

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
  const bin = `${await fetchPackages(`containerd-${version}`)}/usr/bin`;
  const runc = `${await fetchPackages("runc")}/usr/sbin`;
  return {
    containerd: `${bin}/containerd`,
    ctr: await ctrProgram(version),
    path: [bin, runc, await bindfsFolder()],
  };
}

/** The client that belongs to a containerd. 1.6's has no `--user`, which many tests need, so 1.7's talks to it. */
async function ctrProgram(version: ContainerdVersion): Promise<string> {
  return `${await fetchPackages(`containerd-${version === "1.6" ? "1.7" : version}`)}/usr/bin/ctr`;
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

/** The folder with `bindfs`: a script, since the unpacked program does not find its own library. */
export async function bindfsFolder(): Promise<string> {
  const root = await fetchPackages("bindfs");
  const folder = `${root}/wrapped`;
  if (await exists(`${folder}/bindfs`)) return folder;
  const library = (await readdir(`${root}/lib`))[0];
  const script = `#!/bin/sh\nLD_LIBRARY_PATH=${root}/lib/${library} exec ${root}/usr/bin/bindfs "$@"\n`;
  const partial = `${root}/bindfs.${process.pid}`;
  await writeFile(partial, script);
  await chmod(partial, 0o755);
  await mkdir(folder, { recursive: true });
  await rename(partial, `${folder}/bindfs`);
  return folder;
}

/** A statically linked busybox. */
export async function busyboxProgram(): Promise<string> {
  return `${await fetchPackages("busybox")}/bin/busybox`;
}
