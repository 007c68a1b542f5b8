import { closeSync, ftruncateSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { errnoOf } from "../../../src/common/error.ts";

const page = 4096;
const pages = 256;
const inodes = 100;

/** What a disk can run out of. */
export type Shortage = "space" | "inodes";

/** A file system of one megabyte, of which a test says how full it is. */
export class SmallDisk {
  readonly path: string;
  #fillers = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts one on a folder, which is made when it is missing; when the test ends it is gone, whoever still uses it. */
  static async mount(path: string): Promise<SmallDisk> {
    await mkdir(path, { recursive: true });
    await execa("mount", ["-t", "tmpfs", "-o", `size=${pages * page},nr_inodes=${inodes}`, "small", path]);
    onTestFinished(async () => void (await execa("umount", ["--lazy", path])));
    await mkdir(`${path}/ballast`);
    return new SmallDisk(path);
  }

  /** Fills it up, but for so many pages or inodes. */
  fill(shortage: Shortage, left: number): void {
    this.empty();
    if (shortage === "inodes") this.#fillInodes(left);
    else this.#fillSpace(left);
  }

  /** Takes back what it was filled with. */
  empty(): void {
    rmSync(this.#ballast, { force: true });
    while (this.#fillers > 0) rmSync(this.#filler(--this.#fillers));
  }

  get #ballast(): string {
    return `${this.path}/ballast/file`;
  }

  #filler(number: number): string {
    return `${this.path}/ballast/${number}`;
  }

  #fillSpace(left: number): void {
    const file = openSync(this.#ballast, "w");
    try {
      untilFull(() => writeSync(file, Buffer.alloc(page)));
      ftruncateSync(file, Math.max(0, statSync(this.#ballast).size - left * page));
    } finally {
      closeSync(file);
    }
  }

  #fillInodes(left: number): void {
    untilFull(() => {
      writeFileSync(this.#filler(this.#fillers), "");
      this.#fillers++;
    });
    for (let freed = 0; freed < left; freed++) rmSync(this.#filler(--this.#fillers));
  }
}

function untilFull(step: () => void): void {
  try {
    for (;;) step();
  } catch (error) {
    if (errnoOf(error) !== "ENOSPC") throw error;
  }
}
