import { Code, RundError } from "../common/error.ts";
import { type Compressor, layerCompressor, layerMediaType } from "../common/layer_compression.ts";

export const compressions = ["zstd", "gzip", "none"] as const;
export type CompressionName = (typeof compressions)[number];

export interface Compression {
  readonly name: CompressionName;
  readonly mediaType: string;
  /** Undefined for what stays as it is. */
  readonly compress: Compressor | undefined;
}

/** The better one of those that this program has. */
export function usualCompression(): CompressionName {
  return layerCompressor("zstd") === undefined ? "gzip" : "zstd";
}

/**
 * A way to compress layers.
 * @param level the compressor's own numbers: 1 to 19 for zstd, 1 to 9 for gzip
 * @throws RundError unimplemented for zstd where this Node lacks it
 */
export function compression(name: CompressionName, level?: number): Compression {
  if (name === "none") return { name, mediaType: layerMediaType, compress: undefined };
  assertLevel(name, level);
  const compress = layerCompressor(name, level);
  if (compress !== undefined) return { name, mediaType: `${layerMediaType}+${name}`, compress };
  throw new RundError(
    Code.unimplemented,
    `compression ${name}: Node ${process.versions.node} lacks it, 22.15 and later and the compiled rund have it: use gzip`,
  );
}

function assertLevel(name: "zstd" | "gzip", level: number | undefined): void {
  const most = name === "zstd" ? 19 : 9;
  if (level === undefined || (level >= 1 && level <= most)) return;
  throw new RundError(Code.invalidArgument, `--level ${level}: must be 1 to ${most} for ${name}`);
}
