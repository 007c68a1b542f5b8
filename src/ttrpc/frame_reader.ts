import { type Frame, headerBytes, maxPayloadBytes } from "./frame.ts";

/** What a FrameReader reports, in the order of the stream. */
export interface FrameHandler {
  /** A complete frame; the payload may be a view into the chunk it came in. */
  onFrame(frame: Frame): void;
  /** A frame over the limit was announced; its content is skipped as it arrives. */
  onOversized(streamId: number, length: number): void;
}

interface Header {
  readonly length: number;
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
}

const nothing = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames, however it is split into chunks. Holds at most one incomplete frame, and
 * memory in proportion to the bytes that have really come: neither a header alone nor a stream of single
 * bytes makes it reserve much.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  #held = nothing;
  #heldBytes = 0;
  #header: Header | undefined;
  #discard = 0;
  #stopped = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Drops what is held and ignores all further bytes, also the rest of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#held = nothing;
    this.#heldBytes = 0;
  }

  push(chunk: Buffer): void {
    let rest = this.#skip(chunk);
    while (!this.#stopped) {
      const needed = this.#header?.length ?? headerBytes;
      const missing = needed - this.#heldBytes;
      if (rest.length < missing) break;
      const bytes = this.#take(rest.subarray(0, missing), needed);
      rest = this.#advance(bytes, rest.subarray(missing));
    }
    if (rest.length > 0 && !this.#stopped) this.#hold(rest, this.#header?.length ?? headerBytes);
  }

  #advance(bytes: Buffer, rest: Buffer): Buffer {
    const header = this.#header;
    if (header !== undefined) {
      this.#header = undefined;
      const { streamId, type, flags } = header;
      this.#handler.onFrame({ streamId, type, flags, payload: bytes });
      return rest;
    }
    const next = parseHeader(bytes);
    if (next.length <= maxPayloadBytes) {
      this.#header = next;
      return rest;
    }
    this.#discard = next.length;
    this.#handler.onOversized(next.streamId, next.length);
    return this.#skip(rest);
  }

  #skip(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#discard, chunk.length);
    this.#discard -= skipped;
    return chunk.subarray(skipped);
  }

  #hold(bytes: Buffer, needed: number): void {
    const size = this.#heldBytes + bytes.length;
    if (this.#held.length < size) {
      const grown = Buffer.allocUnsafeSlow(Math.min(needed, 2 * size));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = size;
  }

  /** What was held and `last` as one buffer; a copy only when the bytes came in several chunks. */
  #take(last: Buffer, needed: number): Buffer {
    if (this.#heldBytes === 0) return last;
    this.#hold(last, needed);
    const bytes = this.#held.subarray(0, needed);
    this.#held = nothing;
    this.#heldBytes = 0;
    return bytes;
  }
}

function parseHeader(bytes: Buffer): Header {
  return {
    length: bytes.readUInt32BE(0),
    streamId: bytes.readUInt32BE(4),
    type: bytes.readUInt8(8),
    flags: bytes.readUInt8(9),
  };
}
