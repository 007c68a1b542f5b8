import { createHash, type Hash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { compressed } from "../../common/compressed.ts";
import { inParts } from "../../common/in_parts.ts";
import type { Compression } from "./compression.ts";
import { type ContentWriter, partSize } from "./content_writer.ts";
import type { LayerStream } from "./layer_stream.ts";

export interface WrittenLayer {
  /** Of what was written. */
  readonly digest: string;
  /** Of the archive before it was compressed. */
  readonly uncompressed: string;
}

/** Compresses a layer on its way into the store, with never more of it in memory than a few parts. */
export async function writeLayer(
  layer: LayerStream,
  compression: Compression,
  writer: ContentWriter,
  signal: AbortSignal,
): Promise<WrittenLayer> {
  const written = createHash("sha256");
  const store = async (parts: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const part of parts) {
      written.update(part);
      await writer.write(part);
    }
  };
  const cut = (chunks: AsyncIterable<Buffer>) => inParts(chunks, partSize);
  const plain = compression === undefined ? written : createHash("sha256");
  if (compression === undefined) {
    await pipeline(layer.archive, cut, store, { signal });
  } else {
    const compress = (parts: AsyncIterable<Buffer>) => compressed(parts, compression());
    await pipeline(layer.archive, cut, hashing(plain), compress, store, { signal });
  }
  // What was cut off compresses just as well.
  await layer.complete();
  const digest = digestOf(written);
  return { digest, uncompressed: plain === written ? digest : digestOf(plain) };
}

function hashing(hash: Hash): (parts: AsyncIterable<Buffer>) => AsyncIterable<Buffer> {
  return async function* (parts) {
    for await (const part of parts) {
      hash.update(part);
      yield part;
    }
  };
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}
