/** The kinds of HTTP/2 frames that a call is made of: RFC 9113, section 6. */
export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlag = { ack: 1, endHeaders: 4, priority: 0x20 } as const;

/** The largest payload that every peer takes. */
export const mostPayload = 16_384;

const headerSize = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 for the connection itself. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** The nine bytes in front of a payload. */
export function frameHeader({ type, flags, stream }: Omit<Frame, "payload">, length: number): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUIntBE(length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return header;
}

/** Cuts what comes over a connection into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. */
  *read(chunk: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= headerSize) {
      const end = headerSize + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      const [type, flags] = [this.#rest.readUInt8(3), this.#rest.readUInt8(4)];
      const stream = this.#rest.readUInt32BE(5) & 0x7fffffff;
      const payload = this.#rest.subarray(headerSize, end);
      this.#rest = this.#rest.subarray(end);
      yield { type, flags, stream, payload };
    }
  }
}
