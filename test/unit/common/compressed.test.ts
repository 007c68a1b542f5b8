import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressed } from "../../../src/common/compressed.ts";
import { layerCompressor } from "../../../src/common/layer_compression.ts";

const mebibyte = 1 << 20;
const words = Array.from({ length: 1 << 16 }, (_, word) => `${(word * 2_654_435_761) % 9973} `).join("");
const content = Buffer.alloc(9 * mebibyte, words);

/** Chunks whose reading can be seen to end. */
function source(sizes: () => number, failure?: Error) {
  const state = { given: 0, ended: false };
  async function* chunks() {
    try {
      while (state.given < content.length) {
        const chunk = content.subarray(state.given, state.given + sizes());
        state.given += chunk.length;
        yield chunk;
      }
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

const byChance = () => 1 + Math.floor(Math.random() * 100_000);
const gzip = (chunks: AsyncIterable<Uint8Array>) =>
  layerCompressor("gzip", 1)?.(chunks) as AsyncIterable<Uint8Array>;
const same = async (part: Uint8Array) => part;

describe("compressed chunks", () => {
  it("are the chunks, and the same bytes however they were cut", async () => {
    const made = await Promise.all(
      [() => mebibyte, byChance, byChance].map((sizes) => read(gzip(source(sizes).chunks))),
    );
    expect(gunzipSync(made[0] ?? "").equals(content)).toBe(true);
    expect(new Set(made.map((bytes) => bytes.toString("base64"))).size).toBe(1);
  });

  it("of nothing are a whole file too", async () => {
    const nothing = (async function* () {})();
    expect(gunzipSync(await read(gzip(nothing))).length).toBe(0);
  });

  it("come in their order, several of them at work but no more than there are threads and one", async () => {
    let [working, most] = [0, 0];
    const slow = async (part: Uint8Array) => {
      most = Math.max(most, ++working);
      await delay(Math.random() * 20);
      working--;
      return part;
    };
    expect((await read(compressed(source(byChance).chunks, slow))).equals(content)).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(Math.min(availableParallelism(), 8) + 1);
  });

  it("end with the error that the chunks end with", async () => {
    const { chunks, state } = source(byChance, new Error("no more"));
    await expect(read(compressed(chunks, same))).rejects.toThrow("no more");
    expect(state.ended).toBe(true);
  });

  it("are read no further when nobody wants them", async () => {
    const { chunks, state } = source(() => mebibyte);
    await read(compressed(chunks, same), 1);
    expect(state.ended).toBe(true);
    expect(state.given).toBeLessThanOrEqual((Math.min(availableParallelism(), 8) + 2) * 2 * mebibyte);
  });

  it("end with the error of the compressor", async () => {
    const { chunks, state } = source(byChance);
    const broken = () => Promise.reject(new Error("broken"));
    await expect(read(compressed(chunks, broken))).rejects.toThrow("broken");
    expect(state.ended).toBe(true);
  });
});
