import type { Blob } from "./blob.ts";
import type { Descriptor } from "./image_documents.ts";

/** A finished image, of which all blobs have been added. */
export interface FinishedImage {
  readonly name: string;
  readonly descriptor: Descriptor;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

/** Where an image goes. Until `finish` has ended nothing of it can be seen there. */
export interface ImageTarget {
  /** Files and folders that it writes, which are no part of any image. */
  readonly places: readonly string[];
  /** Takes a blob as it comes. */
  add(chunks: AsyncIterable<Uint8Array>): Promise<Blob>;
  finish(image: FinishedImage): Promise<void>;
  /** Takes back what was written, unless `finish` has ended well; does not reject. */
  discard(): Promise<void>;
}
