import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, errnoOf, RundError } from "../common/error.ts";
import { ArchiveTarget } from "./archive_target.ts";
import type { Blob } from "./blob.ts";
import type { FinishedImage, ImageTarget } from "./image_target.ts";

export interface ContainerdOptions {
  /** containerd's socket; its client's own choice when undefined, as for the rest. */
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  /** Unpacks the image for it; left to whoever runs it first when undefined. */
  readonly snapshotter: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * containerd's own store, by its client `ctr`, which has to be on PATH. containerd's import wants to know the sizes of blobs
 * before it gets them, so they are gathered in a file in TMPDIR first.
 */
export class ContainerdTarget implements ImageTarget {
  readonly places: readonly string[];
  readonly #folder: string;
  readonly #file: string;
  readonly #archive: ArchiveTarget;
  readonly #options: ContainerdOptions;

  constructor(options: ContainerdOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), "rund-image-"));
    this.#file = join(this.#folder, "image.tar");
    this.#archive = new ArchiveTarget(this.#file);
    this.places = [this.#folder];
  }

  add(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    return this.#archive.add(chunks);
  }

  async finish(image: FinishedImage): Promise<void> {
    await this.#archive.finish(image);
    const { address, namespace, snapshotter } = this.#options;
    const unpack = snapshotter === undefined ? ["--no-unpack"] : ["--snapshotter", snapshotter];
    await this.#ctr([
      ...(address === undefined ? [] : ["--address", address]),
      ...(namespace === undefined ? [] : ["--namespace", namespace]),
      "images",
      "import",
      "--all-platforms",
      ...unpack,
      this.#file,
    ]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await this.#archive.discard();
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  #ctr(args: readonly string[]): Promise<void> {
    const child = spawn("ctr", args, { stdio: ["ignore", "ignore", "pipe"], signal: this.#options.signal });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
    });
    return new Promise((resolve, reject) => {
      child.once("error", (error) => reject(failure(errnoOf(error) === "ENOENT" ? notFound : error.message)));
      child.once("close", (code) => {
        if (code === 0) resolve();
        else reject(failure(lastLine(said) ?? `exit status ${code}`));
      });
    });
  }
}

const notFound = "executable file not found in $PATH: write the image to a file with --output instead";

function failure(reason: string): RundError {
  return new RundError(Code.unavailable, `ctr images import: ${reason}`);
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}
