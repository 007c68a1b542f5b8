import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, type Frame, headerBytes, maxPayloadBytes } from "../../../src/ttrpc/frame.ts";
import { FrameReader } from "../../../src/ttrpc/frame_reader.ts";

type Report = Frame | { readonly oversized: number; readonly length: number };

function readAll(chunks: readonly Buffer[]): { reports: Report[]; reader: FrameReader } {
  const reports: Report[] = [];
  const reader = new FrameReader({
    // A copy: a payload may be a view into a chunk.
    onFrame: (frame) => reports.push({ ...frame, payload: new Uint8Array(frame.payload) }),
    onOversized: (oversized, length) => reports.push({ oversized, length }),
  });
  for (const chunk of chunks) reader.push(chunk);
  return { reports, reader };
}

/** `bytes` cut at the given places, which may coincide or lie outside. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function header(length: number, streamId: number, type: number, flags: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(streamId, 4);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt8(flags, 9);
  return bytes;
}

const byte = fc.integer({ min: 0, max: 255 });
const cuts = fc.array(fc.nat(), { maxLength: 40 });
const frame: fc.Arbitrary<Frame> = fc.record({
  streamId: fc.integer({ min: 0, max: 0xffff_ffff }),
  type: byte,
  flags: byte,
  payload: fc.uint8Array({ maxLength: 300 }),
});

describe("FrameReader", () => {
  test("gives back any frames however the stream is split", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), cuts, (frames, places) => {
        const { reports } = readAll(split(Buffer.concat(frames.map(encodeFrame)), places));
        expect(reports).toEqual(frames);
      }),
    );
  });

  test("gives back frames that come byte by byte", () => {
    const frames = [3, 0, 700].map((length, index) => ({
      streamId: index,
      type: 1,
      flags: 0,
      payload: new Uint8Array(length).fill(index),
    }));
    const bytes = Buffer.concat(frames.map(encodeFrame));
    expect(readAll(Array.from(bytes, (value) => Buffer.of(value))).reports).toEqual(frames);
  });

  test("skips exactly the announced length of a frame over the limit", () => {
    const length = fc.integer({ min: maxPayloadBytes + 1, max: maxPayloadBytes + 100_000 });
    fc.assert(
      fc.property(length, frame, frame, cuts, (tooLong, before, after, places) => {
        const bytes = Buffer.concat([
          encodeFrame(before),
          header(tooLong, 7, 1, 0),
          Buffer.alloc(tooLong, 0xff),
          encodeFrame(after),
        ]);
        const { reports } = readAll(split(bytes, places));
        expect(reports).toEqual([before, { oversized: 7, length: tooLong }, after]);
      }),
      { numRuns: 15 },
    );
  });

  test("takes a frame of exactly the limit", () => {
    const payload = new Uint8Array(maxPayloadBytes).fill(1);
    const bytes = encodeFrame({ streamId: 1, type: 1, flags: 0, payload });
    const { reports } = readAll(split(bytes, [5, 10, 1_000_000]));
    expect(reports).toHaveLength(1);
    const [report] = reports;
    expect(report && "payload" in report && Buffer.from(report.payload).equals(payload)).toBe(true);
  });

  test("takes any garbage without throwing and loses no byte count", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), cuts, (garbage, places) => {
        const bytes = Buffer.from(garbage);
        const whole = readAll([bytes]).reports;
        expect(readAll(split(bytes, places)).reports).toEqual(whole);
      }),
    );
  });

  test("reserves no memory for what a header only announces", () => {
    const before = process.memoryUsage().arrayBuffers;
    const pending = Array.from({ length: 64 }, () =>
      readAll([header(maxPayloadBytes, 1, 1, 0), Buffer.of(0)]),
    );
    expect(pending.flatMap(({ reports }) => reports)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
  });

  test("reports nothing more once it is stopped, not even of the chunk being read", () => {
    const one = encodeFrame({ streamId: 1, type: 1, flags: 0, payload: new Uint8Array(1) });
    const seen: number[] = [];
    const reader = new FrameReader({
      onFrame: (next) => {
        seen.push(next.streamId);
        reader.stop();
      },
      onOversized: () => undefined,
    });
    reader.push(Buffer.concat([one, one]));
    reader.push(one);
    expect(seen).toEqual([1]);
  });
});
