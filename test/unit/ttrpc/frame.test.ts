import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { Response } from "../../../src/proto/generated/ttrpc/request.ts";
import { encodeFrame, headerBytes, maxPayloadBytes } from "../../../src/ttrpc/frame.ts";
import { encodeFailure, encodeSuccess } from "../../../src/ttrpc/response.ts";
import { toStatus } from "../../../src/ttrpc/status.ts";

describe("encodeFrame", () => {
  test("writes length, stream id, type and flags big-endian before the content", () => {
    const frame = encodeFrame({ streamId: 0x01020304, type: 2, flags: 5, payload: Uint8Array.of(9, 8) });
    expect([...frame]).toEqual([0, 0, 0, 2, 1, 2, 3, 4, 2, 5, 9, 8]);
  });

  test("refuses content over 4 MiB", () => {
    const payload = new Uint8Array(maxPayloadBytes + 1);
    expect(() => encodeFrame({ streamId: 1, type: 1, flags: 0, payload })).toThrow(
      expect.objectContaining({ code: Code.resourceExhausted }),
    );
  });
});

describe("encodeSuccess", () => {
  test("equals what the generated codec makes", () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ maxLength: 20_000 }), (streamId, payload) => {
        const content = Response.encode({ status: undefined, payload }).finish();
        const expected = encodeFrame({ streamId, type: 2, flags: 0, payload: content });
        expect(encodeSuccess(streamId, payload).equals(expected)).toBe(true);
      }),
    );
  });

  test.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, maxPayloadBytes - 5])(
    "survives a payload of %i bytes",
    (length) => {
      const payload = new Uint8Array(length).fill(3);
      const frame = encodeSuccess(1, payload);
      expect(Buffer.from(Response.decode(frame.subarray(headerBytes)).payload).equals(payload)).toBe(true);
    },
  );

  test("refuses an answer that fits only without its envelope", () => {
    expect(() => encodeSuccess(1, new Uint8Array(maxPayloadBytes - 4))).toThrow(
      expect.objectContaining({ code: Code.resourceExhausted }),
    );
  });
});

describe("encodeFailure", () => {
  test("fits into a frame whatever the error's text", () => {
    const frame = encodeFailure(1, toStatus(new Error("x".repeat(maxPayloadBytes + 1))));
    expect(frame.length).toBeLessThan(maxPayloadBytes);
  });
});
