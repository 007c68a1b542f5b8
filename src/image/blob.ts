import { createHash } from "node:crypto";

/** What a blob is known by. */
export interface Blob {
  /** `sha256:` and hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
}

/** Digest and size of what goes past. */
export class Measure {
  readonly #hash = createHash("sha256");
  #size = 0;

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /** Passes everything on. */
  async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.add(chunk);
      yield chunk;
    }
  }

  /** To be asked once, at the end. */
  result(): Blob {
    return { digest: `sha256:${this.#hash.digest("hex")}`, size: this.#size };
  }
}

/** Where a blob is in an OCI layout. */
export function blobPath({ digest }: Pick<Blob, "digest">): string {
  return `blobs/${digest.replace(":", "/")}`;
}

export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
