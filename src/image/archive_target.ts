import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { createTarPacker, type TarHeader } from "modern-tar";
import { systemError } from "../common/error.ts";
import { type Blob, blobPath, Measure, oneChunk } from "./blob.ts";
import { indexDocument, json, layoutDocument } from "./image_documents.ts";
import type { FinishedImage, ImageTarget } from "./image_target.ts";

const block = 512;

/** A header, its extension and the extension's own header, which large files need: all entries have the three. */
const headerSize = 3 * block;

/**
 * An OCI layout as one tar file, with the list that docker load reads. Blobs are written where they stay: the room for an
 * entry's header is left free until digest and size are known.
 */
export class ArchiveTarget implements ImageTarget {
  readonly places: readonly string[];
  readonly #file: string;
  readonly #partial: string;
  readonly #added = new Set<string>();
  #handle: FileHandle | undefined;
  #end = 0;

  constructor(file: string) {
    this.#file = file;
    this.#partial = `${file}.partial-${process.pid}`;
    this.places = [file, this.#partial];
  }

  async add(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    const start = this.#end;
    const measure = new Measure();
    this.#end += headerSize;
    for await (const chunk of measure.through(chunks)) await this.#append(chunk);
    const blob = measure.result();
    // The same again: what comes next takes its place.
    if (this.#added.has(blob.digest)) this.#end = start;
    else await this.#close(start, blobPath(blob), blob.size);
    this.#added.add(blob.digest);
    return blob;
  }

  async finish({ name, descriptor, config, layers }: FinishedImage): Promise<void> {
    const docker = [{ Config: blobPath(config), RepoTags: [name], Layers: layers.map(blobPath) }];
    await this.#addFile("oci-layout", layoutDocument);
    await this.#addFile("index.json", indexDocument([descriptor]));
    await this.#addFile("manifest.json", json(docker));
    await this.#append(new Uint8Array(2 * block));
    const handle = await this.#opened();
    try {
      await handle.truncate(this.#end);
      await handle.sync();
      await handle.close();
      await rename(this.#partial, this.#file);
    } catch (error) {
      throw systemError(this.#file, error);
    }
  }

  async discard(): Promise<void> {
    await this.#handle?.close().catch(() => {});
    await rm(this.#partial, { force: true }).catch(() => {});
  }

  async #addFile(path: string, content: Buffer): Promise<void> {
    const start = this.#end;
    this.#end += headerSize;
    for await (const chunk of oneChunk(content)) await this.#append(chunk);
    await this.#close(start, path, content.length);
  }

  /** Writes an entry's header and fills its last block. */
  async #close(start: number, name: string, size: number): Promise<void> {
    await this.#write(await entryHeader(name, size), start);
    await this.#append(new Uint8Array(-size & (block - 1)));
  }

  async #append(chunk: Uint8Array): Promise<void> {
    await this.#write(chunk, this.#end);
    this.#end += chunk.length;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      const handle = await this.#opened();
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw systemError(this.#file, error);
    }
  }

  async #opened(): Promise<FileHandle> {
    this.#handle ??= await open(this.#partial, "wx", 0o644);
    return this.#handle;
  }
}

async function entryHeader(name: string, size: number): Promise<Buffer> {
  const { readable, controller } = createTarPacker();
  const header: TarHeader = { name, size, type: "file", mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 };
  // Asking for the size as an extension makes one, whatever the size is.
  controller.add({ ...header, pax: { size: String(size) } });
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < headerSize; length += chunks.at(-1)?.length ?? 0) {
    chunks.push((await reader.read()).value ?? new Uint8Array(headerSize));
  }
  return Buffer.concat(chunks);
}
