import { mkdir, truncate, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { fetchPackages } from "./packages.ts";

export type FileSystemKind = "ext4" | "btrfs" | "xfs" | "tmpfs";

/** Smaller ones their programs refuse to make. */
const usualMegabytes = 400;

/** The file that a file system on a folder is in. It takes no more room than what is written to it. */
export function imageOf(kind: FileSystemKind, folder: string): string {
  return `${folder}.${kind}`;
}

/**
 * Mounts a new file system on the folder, which is made: a tmpfs, or one in a file beside it, on a loop
 * device that is let go when the file system is unmounted.
 */
export async function mountFileSystem(
  kind: FileSystemKind,
  folder: string,
  megabytes = usualMegabytes,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (kind === "tmpfs") {
    await execa("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", folder]);
    return;
  }
  const image = imageOf(kind, folder);
  await writeFile(image, "");
  await truncate(image, megabytes * 1024 * 1024);
  await makeFileSystem(kind, image);
  await execa("mount", ["-t", kind, "-o", "loop", image, folder]);
}

async function makeFileSystem(kind: Exclude<FileSystemKind, "tmpfs">, image: string): Promise<void> {
  // Debian always has this one.
  if (kind === "ext4") {
    await execa("mkfs.ext4", ["-q", "-F", image], {
      env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    return;
  }
  const root = await fetchPackages("filesystems");
  const folder = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  const env = { LD_LIBRARY_PATH: `${root}/lib/${folder}:${root}/usr/lib/${folder}` };
  await execa(`${root}/sbin/mkfs.${kind}`, ["-q", "-f", image], { env });
}
