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
  readonly signal: AbortSignal;
}

/**
 * containerd's own store, by its client `ctr`, which has to be on PATH. containerd's import wants to know the sizes of blobs
 * before it gets them, so they are gathered in a file in TMPDIR first. The image is unpacked when it is first run, for the
 * snapshotter that is then asked for.
 */
export class ContainerdTarget implements ImageTarget {
  readonly places: readonly string[];
  readonly #folder: string;
  readonly #file: string;
  readonly #archive: ArchiveTarget;
  readonly #options: ContainerdOptions;

  /**
   * Asks containerd whether it is there, before anything is read.
   * @throws RundError unavailable
   */
  static async open(options: ContainerdOptions): Promise<ContainerdTarget> {
    await runCtr(["version"], options);
    return new ContainerdTarget(options);
  }

  private constructor(options: ContainerdOptions) {
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
    await runCtr(["images", "import", "--all-platforms", "--no-unpack", this.#file], this.#options);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await this.#archive.discard();
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** @throws RundError unavailable with what containerd's client said */
function runCtr(args: readonly string[], options: ContainerdOptions): Promise<void> {
  const { address, namespace, signal } = options;
  const flags = [
    ...(address === undefined ? [] : ["--address", address]),
    ...(namespace === undefined ? [] : ["--namespace", namespace]),
  ];
  const child = spawn("ctr", [...flags, ...args], { stdio: ["ignore", "ignore", "pipe"], signal });
  const failed = (reason: string) => new RundError(Code.unavailable, `ctr ${args[0]}: ${reason}`);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(failed(errnoOf(error) === "ENOENT" ? notFound : error.message)));
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(failed(lastLine(said) ?? `exit status ${code}`));
    });
  });
}

const notFound = "executable file not found in $PATH: write the image to a file with --output instead";

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}
