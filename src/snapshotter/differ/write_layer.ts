import { createHash, type Hash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import type { Compression } from "./compression.ts";
import type { ContentWriter } from "./content_writer.ts";
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
  const plain = compression === undefined ? written : createHash("sha256");
  if (compression === undefined) await pipeline(layer.archive, store, { signal });
  else await pipeline(layer.archive, hashing(plain), compression, store, { signal });
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
