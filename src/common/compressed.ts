import { availableParallelism } from "node:os";
import { inParts } from "./in_parts.ts";

/** Bytes that are compressed by themselves: enough to lose no more than half a percent, and so many are held by each thread. */
const partSize = 2 * 1024 * 1024;

/** Threads beyond these gain little over what reads and hashes for them. */
const mostThreads = 8;

/** Compresses a part to something that can stand by itself. */
export type PartCompressor = (part: Uint8Array) => Promise<Uint8Array>;

/**
 * Compresses chunks of whatever size in parts of one size, several at a time, each to a member or frame of its own: what is put
 * one behind the other counts as one file (gzip: RFC 1952, section 2.2; zstd: RFC 8878, section 3). The bytes depend on the
 * content alone, and not on how it was cut or how many threads there are: a layer that is made again has the same digest.
 * @throws what the chunks or the compressor throw; whoever stops reading ends the chunks
 */
export async function* compressed(
  chunks: AsyncIterable<Uint8Array>,
  compress: PartCompressor,
): AsyncGenerator<Uint8Array> {
  const threads = Math.min(availableParallelism(), mostThreads);
  const running: Promise<Uint8Array>[] = [];
  let count = 0;
  const start = (part: Uint8Array) => {
    const member = compress(part);
    // Heard of when its turn comes.
    member.catch(() => {});
    running.push(member);
    count++;
  };
  for await (const part of inParts(chunks, partSize)) {
    start(part);
    // One more than there are threads, so that none waits for what is done with a member.
    const [first] = running;
    if (running.length <= threads || first === undefined) continue;
    running.shift();
    yield await first;
  }
  if (count === 0) start(new Uint8Array(0));
  for (const member of running) yield await member;
}
