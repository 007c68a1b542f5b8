import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { inParts } from "../../../src/common/in_parts.ts";

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return parts;
}

/** The same memory again and again, as whoever reads from a pipe may use it. */
async function* chunksOf(content: Buffer, sizes: () => number): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(content.length);
  for (let at = 0; at < content.length; ) {
    const length = content.copy(memory, 0, at, at + sizes());
    yield memory.subarray(0, length);
    at += length;
  }
}

const upTo = (most: number) => () => 1 + Math.floor(Math.random() * most);

test.each([1, 7, 64, 1000, 5000])("parts of %d bytes are the content, whatever the chunks", async (size) => {
  const content = randomBytes(4321);
  for (const most of [1, 10, 100, 10_000]) {
    const parts = await all(inParts(chunksOf(content, upTo(most)), size));
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    const last = parts.pop();
    expect(last?.length).toBe(content.length % size || size);
    expect(parts.every((part) => part.length === size)).toBe(true);
  }
});

test("nothing has no parts", async () => {
  expect(await all(inParts(chunksOf(Buffer.alloc(0), upTo(1)), 10))).toEqual([]);
});
