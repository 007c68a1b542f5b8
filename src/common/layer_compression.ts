import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { compressed, type PartCompressor } from "./compressed.ts";

/** The media type of layers that are not compressed; `+gzip` or `+zstd` follows it for others. */
export const layerMediaType = "application/vnd.oci.image.layer.v1.tar";

/** What a layer's chunks are when they are compressed. */
export type Compressor = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** So that a part is compressed in one or two steps, each of which is a way to a thread and back. */
const chunkSize = 1024 * 1024;

interface ZstdOptions {
  readonly chunkSize: number;
  readonly params: Readonly<Record<number, number>>;
}

type ZstdCallback = (error: Error | null, result: Buffer) => void;

interface Zstd {
  readonly zstdCompress?: (part: Uint8Array, options: ZstdOptions, done: ZstdCallback) => void;
}

/** ZSTD_c_compressionLevel, a number of zstd's own interface. */
const zstdLevel = 100;

/**
 * A compressor for layers.
 * @param level the library's own numbers; its usual one when left out
 * @returns undefined where there is no zstd: Bun, which rund is compiled with, has it, and Node since 22.15 and 23.8
 */
export function layerCompressor(name: "gzip" | "zstd", level?: number): Compressor | undefined {
  const compress = name === "gzip" ? gzip(level) : zstd(level);
  return compress && ((chunks) => compressed(chunks, compress));
}

function gzip(level: number | undefined): PartCompressor {
  const compress = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
  return (part) => compress(part, { chunkSize, ...(level !== undefined && { level }) });
}

function zstd(level: number | undefined): PartCompressor | undefined {
  const { zstdCompress } = zlib as Zstd;
  if (zstdCompress === undefined) return undefined;
  const compress = promisify<Uint8Array, ZstdOptions, Buffer>(zstdCompress);
  return (part) => compress(part, { chunkSize, params: level === undefined ? {} : { [zstdLevel]: level } });
}
