/** The stream to and from `rund-jail trees`: src/jail/launcher/trees_request.h has its form. */

const numberSize = 4;

/** How a request of this number has ended. */
export interface TreeAnswer {
  readonly id: number;
  /** Exit code; -1 when it was ended by a signal. */
  readonly status: number;
  readonly printed: Buffer;
}

/** A request; without arguments one that gives up that of the same number. */
export function treeRequest(id: number, args: readonly string[]): Buffer {
  const texts = Buffer.from(args.map((arg) => `${arg}\0`).join(""));
  const head = Buffer.alloc(2 * numberSize);
  head.writeUInt32BE(numberSize + texts.length);
  head.writeUInt32BE(id, numberSize);
  return Buffer.concat([head, texts]);
}

/** Puts answers together, which a stream may cut anywhere. */
export class TreeAnswerReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The answers that are whole now. */
  *read(chunk: Buffer): Generator<TreeAnswer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= numberSize) {
      const end = numberSize + this.#rest.readUInt32BE(0);
      if (this.#rest.length < end) return;
      const answer = this.#rest.subarray(numberSize, end);
      this.#rest = this.#rest.subarray(end);
      const printed = answer.subarray(2 * numberSize);
      yield { id: answer.readUInt32BE(0), status: answer.readInt32BE(numberSize), printed };
    }
  }
}
