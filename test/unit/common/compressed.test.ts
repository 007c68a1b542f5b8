import { createGzip, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressed } from "../../../src/common/compressed.ts";

const mebibyte = Buffer.alloc(1 << 20, "some text, ");

/** Chunks whose reading can be seen to end. */
function source(count: number, failure?: Error) {
  const state = { given: 0, ended: false };
  async function* chunks() {
    try {
      for (; state.given < count; state.given++) yield mebibyte;
      if (failure !== undefined) throw failure;
    } finally {
      state.ended = true;
    }
  }
  return { state, chunks: chunks() };
}

async function read(chunks: AsyncIterable<Uint8Array>, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    parts.push(chunk);
    if (parts.length >= most) break;
  }
  return Buffer.concat(parts);
}

describe("compressed chunks", () => {
  it("are the chunks, the same each time", async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => read(compressed(source(4).chunks, createGzip({ chunkSize: 4096 })))),
    );
    expect(gunzipSync(one ?? "").equals(Buffer.concat(Array.from({ length: 4 }, () => mebibyte)))).toBe(true);
    expect(one?.equals(two ?? Buffer.of())).toBe(true);
  });

  it("end with the error that the chunks end with", async () => {
    const { chunks, state } = source(2, new Error("no more"));
    await expect(read(compressed(chunks, createGzip()))).rejects.toThrow("no more");
    expect(state.ended).toBe(true);
  });

  it("are read no further when nobody wants them", async () => {
    const { chunks, state } = source(1000);
    await read(compressed(chunks, createGzip({ chunkSize: 64, level: 0 })), 1);
    expect(state.ended).toBe(true);
    expect(state.given).toBeLessThan(10);
  });

  it("end with the compressor", async () => {
    const { chunks, state } = source(1000);
    const compressor = createGzip();
    setTimeout(() => compressor.destroy(new Error("broken")), 10);
    await expect(read(compressed(chunks, compressor))).rejects.toThrow("broken");
    expect(state.ended).toBe(true);
  });
});
