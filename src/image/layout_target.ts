import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Code, RundError, systemError } from "../common/error.ts";
import { type Blob, blobPath, Measure } from "./blob.ts";
import { type Descriptor, indexDocument, layoutDocument, nameAnnotation } from "./image_documents.ts";
import type { FinishedImage, ImageTarget } from "./image_target.ts";

/**
 * An OCI layout as a folder. One that is there already gets the image besides those that it has, in the place of one with the
 * same name and platform; blobs that it has are not written again.
 */
export class LayoutTarget implements ImageTarget {
  readonly places: readonly string[];
  readonly #folder: string;
  /** Where blobs go: the folder itself, or what becomes it at the end. */
  readonly #work: string;
  readonly #added: string[] = [];
  #files = 0;

  /** @throws RundError failedPrecondition for a folder of other things */
  constructor(folder: string) {
    this.#folder = folder;
    this.#work = isLayout(folder) ? folder : `${folder}.partial-${process.pid}`;
    this.places = [folder, this.#work];
  }

  async add(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    const folder = join(this.#work, "blobs/sha256");
    const partial = join(folder, `.partial-${process.pid}-${this.#files++}`);
    try {
      await mkdir(folder, { recursive: true });
      const blob = await this.#write(partial, chunks);
      const path = join(this.#work, blobPath(blob));
      if (existsSync(path)) {
        await rm(partial);
      } else {
        await rename(partial, path);
        this.#added.push(path);
      }
      return blob;
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      throw systemError(this.#folder, error);
    }
  }

  async finish({ descriptor }: FinishedImage): Promise<void> {
    const index = join(this.#work, "index.json");
    const partial = `${index}.partial-${process.pid}`;
    try {
      await writeFile(join(this.#work, "oci-layout"), layoutDocument);
      await writeFile(partial, indexDocument([...others(this.#folder, descriptor), descriptor]), {
        flush: true,
      });
      this.#added.push(partial);
      await rename(partial, index);
      if (this.#work !== this.#folder) await rename(this.#work, this.#folder);
      this.#added.length = 0;
    } catch (error) {
      throw systemError(this.#folder, error);
    }
  }

  async discard(): Promise<void> {
    const made = this.#work === this.#folder ? this.#added : [this.#work];
    await Promise.all(made.map((path) => rm(path, { recursive: true, force: true }).catch(() => {})));
  }

  async #write(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    const measure = new Measure();
    const handle = await open(file, "wx", 0o644);
    try {
      for await (const chunk of measure.through(chunks)) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return measure.result();
  }
}

function isLayout(folder: string): boolean {
  if (existsSync(join(folder, "oci-layout"))) return true;
  if (!existsSync(dirname(folder))) {
    throw new RundError(Code.notFound, `${dirname(folder)}: no such file or directory`);
  }
  if (!existsSync(folder) || readdirSync(folder).length === 0) return false;
  throw new RundError(
    Code.failedPrecondition,
    `${folder}: is not empty and not an OCI layout: name another folder, or a file that ends with .tar`,
  );
}

/** The other images of the layout. */
function others(folder: string, descriptor: Descriptor): Descriptor[] {
  const index = join(folder, "index.json");
  if (!existsSync(index)) return [];
  const { manifests = [] } = JSON.parse(readFileSync(index, "utf8")) as { manifests?: Descriptor[] };
  return manifests.filter((other) => !isReplaced(other, descriptor));
}

function isReplaced(other: Descriptor, { platform, annotations }: Descriptor): boolean {
  const sameName = other.annotations?.[nameAnnotation] === annotations?.[nameAnnotation];
  return sameName && JSON.stringify(other.platform) === JSON.stringify(platform);
}
