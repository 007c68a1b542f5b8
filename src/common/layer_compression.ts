import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

/** The media type of layers that are not compressed; `+gzip` or `+zstd` follows it for others. */
export const layerMediaType = "application/vnd.oci.image.layer.v1.tar";

export type Compressor = () => Transform;

/** So that the parts that are written are not too small. */
const chunkSize = 256 * 1024;

interface Zstd {
  readonly createZstdCompress?: (options: {
    readonly chunkSize: number;
    readonly params: Readonly<Record<number, number>>;
  }) => Transform;
}

/** ZSTD_c_compressionLevel, a number of zstd's own interface. */
const zstdLevel = 100;

/**
 * Makes compressors for layers.
 * @param level the library's own numbers; its usual one when left out
 * @returns undefined where there is no zstd: Bun, which rund is compiled with, has it, and Node since 22.15 and 23.8
 */
export function layerCompressor(name: "gzip" | "zstd", level?: number): Compressor | undefined {
  if (name === "gzip") return () => zlib.createGzip({ chunkSize, ...(level !== undefined && { level }) });
  const { createZstdCompress } = zlib as Zstd;
  if (createZstdCompress === undefined) return undefined;
  const params = level === undefined ? {} : { [zstdLevel]: level };
  return () => createZstdCompress({ chunkSize, params });
}
