import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { Code, RundError } from "../common/error.ts";

export const compressions = ["zstd", "gzip", "none"] as const;
export type CompressionName = (typeof compressions)[number];

export interface Compression {
  readonly name: CompressionName;
  readonly mediaType: string;
  /** Undefined for what stays as it is. */
  readonly start: (() => Transform) | undefined;
}

/** So that the parts that are written are not too small. */
const chunkSize = 256 * 1024;

const layer = "application/vnd.oci.image.layer.v1.tar";

/** Bun has zstd, which rund is built with; Node from 22.15 on. */
const zstd = zlib as typeof zlib & {
  readonly createZstdCompress?: (options: { chunkSize: number; params: Record<number, number> }) => Transform;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
};

/** The better one of those that this program has. */
export function usualCompression(): CompressionName {
  return zstd.createZstdCompress === undefined ? "gzip" : "zstd";
}

/**
 * A way to compress layers.
 * @param level the compressor's own numbers: 1 to 19 for zstd, 1 to 9 for gzip
 * @throws RundError unimplemented for zstd where this Node lacks it
 */
export function compression(name: CompressionName, level?: number): Compression {
  if (name === "none") return { name, mediaType: layer, start: undefined };
  assertLevel(name, level);
  if (name === "gzip") {
    const options = { chunkSize, ...(level !== undefined && { level }) };
    return { name, mediaType: `${layer}+gzip`, start: () => zlib.createGzip(options) };
  }
  const { createZstdCompress, constants } = zstd;
  if (createZstdCompress === undefined) {
    throw new RundError(
      Code.unimplemented,
      `compression zstd: Node ${process.versions.node} lacks it, 22.15 and later and the compiled rund have it: use gzip`,
    );
  }
  const params = { [constants.ZSTD_c_compressionLevel ?? 100]: level ?? 3 };
  return { name, mediaType: `${layer}+zstd`, start: () => createZstdCompress({ chunkSize, params }) };
}

function assertLevel(name: "zstd" | "gzip", level: number | undefined): void {
  const most = name === "zstd" ? 19 : 9;
  if (level === undefined || (level >= 1 && level <= most)) return;
  throw new RundError(Code.invalidArgument, `--level ${level}: must be 1 to ${most} for ${name}`);
}
