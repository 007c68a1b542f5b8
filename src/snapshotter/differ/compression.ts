import { Code, RundError } from "../../common/error.ts";
import { type Compressor, layerCompressor, layerMediaType } from "../../common/layer_compression.ts";

/** What a client that names no type gets. */
export const usualMediaType = `${layerMediaType}+gzip`;

const names = ["gzip", "zstd"] as const;

/** Undefined for what stays as it is. */
export type Compression = Compressor | undefined;

/**
 * How layers of a media type are compressed.
 * @throws RundError unimplemented for other types, so that containerd asks its next differ
 */
export function compressionOf(mediaType: string): Compression {
  if (mediaType === layerMediaType) return undefined;
  const name = names.find((each) => mediaType === `${layerMediaType}+${each}`);
  const compressor = name === undefined ? undefined : layerCompressor(name);
  if (compressor !== undefined) return compressor;
  throw new RundError(Code.unimplemented, `media type ${mediaType}: is not supported`);
}
