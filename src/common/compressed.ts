import type { Transform } from "node:stream";

/**
 * What a compressor makes of chunks. It is told of the end when it is done with the last of them: told earlier or later, as a pipe
 * would have it by chance, it may give other bytes.
 * @throws what the chunks or the compressor throw; whoever stops to read ends both
 */
export async function* compressed(
  chunks: AsyncIterable<Uint8Array>,
  compressor: Transform,
): AsyncGenerator<Uint8Array> {
  const fed = feed(chunks, compressor);
  try {
    for await (const chunk of compressor) yield chunk;
  } finally {
    compressor.destroy();
    await fed;
  }
}

/** Does not reject: an error goes to whoever reads the compressor. */
async function feed(chunks: AsyncIterable<Uint8Array>, compressor: Transform): Promise<void> {
  try {
    let last = Promise.resolve();
    for await (const chunk of chunks) {
      await last;
      last = written(compressor, chunk);
      // Heard of at the next turn.
      last.catch(() => {});
    }
    await last;
    compressor.end();
  } catch (error) {
    compressor.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function written(compressor: Transform, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(new Error("compressor: was closed"));
    if (compressor.destroyed) return closed();
    compressor.once("close", closed);
    compressor.write(chunk, (error) => {
      compressor.off("close", closed);
      if (error) reject(error);
      else resolve();
    });
  });
}
