import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { Code, RundError } from "../../common/error.ts";

const layer = "application/vnd.oci.image.layer.v1.tar";

/** What a client that names no type gets. */
export const usualMediaType = `${layer}+gzip`;

/** So that the parts that go to containerd are not too small. */
const chunkSize = 256 * 1024;

/** A factory of compressors; undefined for what stays as it is. */
export type Compression = (() => Transform) | undefined;

/**
 * How layers of a media type are compressed.
 * @throws RundError unimplemented for other types, so that containerd asks its next differ
 */
export function compressionOf(mediaType: string): Compression {
  if (mediaType === layer) return undefined;
  if (mediaType === `${layer}+gzip`) return () => zlib.createGzip({ chunkSize });
  // Node has it since 22.15 and 23.8; Bun, which rund is built with, has it.
  const zstd = "createZstdCompress" in zlib ? (zlib.createZstdCompress as ZstdFactory) : undefined;
  if (mediaType === `${layer}+zstd` && zstd !== undefined) return () => zstd({ chunkSize });
  throw new RundError(Code.unimplemented, `media type ${mediaType}: is not supported`);
}

type ZstdFactory = (options: { chunkSize: number }) => Transform;
