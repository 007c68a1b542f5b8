/**
 * Cuts what comes in chunks of whatever size into parts of one size, of which the last may be shorter. Each is the reader's
 * to keep. Compressors make other bytes of the same content in other parts, and chunks out of a pipe are as large as chance
 * has it.
 */
export async function* inParts(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let part = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + size - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < size) continue;
      yield part;
      part = Buffer.allocUnsafeSlow(size);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
