/** In front of each gRPC message: a byte that says whether it is compressed, which ours never are, and its length. */
const prefixSize = 5;

export function messagePrefix(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixSize);
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}

/** Puts gRPC messages together again, which frames cut anywhere. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are whole now. */
  *read(part: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, part]);
    while (this.#rest.length >= prefixSize) {
      const end = prefixSize + this.#rest.readUInt32BE(1);
      if (this.#rest.length < end) return;
      const message = this.#rest.subarray(prefixSize, end);
      this.#rest = this.#rest.subarray(end);
      yield message;
    }
  }
}
