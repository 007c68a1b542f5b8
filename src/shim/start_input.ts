import { fstatSync, read, readFileSync, type Stats } from "node:fs";

import { errnoOf } from "../common/error.ts";

/** containerd writes some hundred bytes; whoever writes more is not containerd. */
const mostBytes = 1 << 20;

const nothing = Buffer.alloc(0);

/**
 * What containerd has written to the stdin of `start`: at most some hundred bytes, in one write, then the end. Whatever
 * else stdin is (nothing, a terminal, a pipe that nobody closes), `start` goes on after `patience` milliseconds.
 */
export async function readStartInput(descriptor = 0, patience = 500): Promise<Buffer> {
  const stats = statDescriptor(descriptor);
  if (stats?.isFile()) return readFile(descriptor);
  if (!stats?.isFIFO() && !stats?.isSocket()) return nothing;
  const chunks: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  const outOfPatience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([readAll(descriptor, chunks), outOfPatience]);
  clearTimeout(timer);
  return Buffer.concat(chunks);
}

function statDescriptor(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

function readFile(descriptor: number): Buffer {
  try {
    return readFileSync(descriptor);
  } catch {
    return nothing;
  }
}

/** A read in the thread pool: neither waiting for it nor leaving it behind at the end holds anything up. */
async function readAll(descriptor: number, chunks: Buffer[]): Promise<void> {
  for (let total = 0; total < mostBytes; ) {
    const chunk = await readOnce(descriptor);
    if (chunk === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1).unref());
      continue;
    }
    if (chunk.length === 0) return;
    chunks.push(chunk);
    total += chunk.length;
  }
}

/** The next bytes, none at the end or after an error, undefined when a non-blocking descriptor has none yet. */
function readOnce(descriptor: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const buffer = Buffer.alloc(64 << 10);
    read(descriptor, buffer, 0, buffer.length, null, (error, count) => {
      if (errnoOf(error) === "EAGAIN") resolve(undefined);
      else resolve(error === null ? buffer.subarray(0, count) : nothing);
    });
  });
}
