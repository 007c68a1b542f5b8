import { huffmanText } from "./huffman_text.ts";

/** Headers as every peer reads them: each by its name and value, uncompressed and not to be remembered (RFC 7541). */
export function encodeHeaders(headers: Iterable<readonly [string, string]>): Buffer {
  return Buffer.concat(
    [...headers].flatMap(([name, value]) => [Buffer.of(0), ...text(name), ...text(value)]),
  );
}

function text(value: string): Buffer[] {
  return [integer(Buffer.byteLength(value), 7), Buffer.from(value)];
}

/** With as many low bits of the first byte as there are, and seven of each that follows. */
function integer(value: number, bits: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.of(value);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  return Buffer.from([...bytes, rest]);
}

/**
 * The headers of a block that have names of their own. Those out of a table are left out: what a call's end is told by is in none,
 * as long as we have asked for an empty one.
 */
export function decodeHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  const input = new Input(block);
  while (!input.atEnd) {
    const first = input.peek();
    if (first >= 0x80) input.integer(7);
    else if (first >= 0x20 && first < 0x40) input.integer(5);
    else {
      const known = input.integer(first >= 0x40 ? 6 : 4) > 0;
      const name = known ? "" : input.text();
      const value = input.text();
      if (!known) headers.set(name, value);
    }
  }
  return headers;
}

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.peek() & most;
    this.#at++;
    if (value < most) return value;
    for (let factor = 1; !this.atEnd; factor *= 128) {
      const byte = this.peek();
      this.#at++;
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  }

  text(): string {
    const isCompressed = this.peek() >= 0x80;
    const length = this.integer(7);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return isCompressed ? huffmanText(bytes) : bytes.toString();
  }
}
