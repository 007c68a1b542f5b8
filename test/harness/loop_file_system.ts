import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { fetchPackages } from "./packages.ts";

export const fileSystemTypes = ["ext4", "btrfs", "xfs"] as const;
export type FileSystemType = (typeof fileSystemTypes)[number];

/** A file system of its own in a file, mounted in a folder until it is removed. */
export class LoopFileSystem implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string;

  private constructor(path: string, image: string) {
    this.path = path;
    this.#image = image;
  }

  /** @param folder takes the image and the mount point */
  static async create(type: FileSystemType, folder: string, megabytes = 512): Promise<LoopFileSystem> {
    const [path, image] = [`${folder}/${type}`, `${folder}/${type}.img`];
    await writeFile(image, "");
    // A file with a hole: it takes what is written.
    await truncate(image, megabytes * 1024 * 1024);
    await makeFileSystem(type, image);
    await mkdir(path);
    await execa("mount", ["-t", type, "-o", "loop", image, path]);
    return new LoopFileSystem(path, image);
  }

  /** Bytes in use, once everything written is on the disk. */
  async used(): Promise<number> {
    await execa("sync", ["-f", this.path]);
    const { stdout } = await execa("df", ["--output=used", "--block-size=1", this.path]);
    return Number(stdout.split("\n")[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa("umount", [this.path]);
    await rm(this.#image);
  }
}

async function makeFileSystem(type: FileSystemType, image: string): Promise<void> {
  if (type === "ext4") {
    await execa("mkfs.ext4", ["-q", image]);
    return;
  }
  const name = type === "btrfs" ? "mkfs.btrfs" : "mkfs.xfs";
  const root = await fetchPackages(name);
  const folders = ["lib", "usr/lib"].map((folder) => `${root}/${folder}`);
  const libraries = (await Promise.all(folders.map(librariesIn))).flat();
  const program = (await execa("find", [root, "-name", name, "-type", "f"])).stdout.split("\n")[0] ?? name;
  await execa(program, ["-q", image], { env: { LD_LIBRARY_PATH: libraries.join(":") } });
}

/** The folders with libraries in one such as /usr/lib, of a package that was only unpacked. */
async function librariesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => `${folder}/${name}`);
}
