import { rm } from "node:fs/promises";
import { execa } from "execa";
import { imageOf, mountFileSystem } from "./file_system.ts";

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
    const path = `${folder}/${type}`;
    await mountFileSystem(type, path, megabytes);
    return new LoopFileSystem(path, imageOf(type, path));
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
