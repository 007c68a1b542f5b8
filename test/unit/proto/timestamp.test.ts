import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromTimestamp, toTimestamp } from "../../../src/proto/timestamp.ts";

describe("timestamps", () => {
  test("come back as the same Date, before 1970 too", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const timestamp = toTimestamp(date);
        expect(timestamp.nanos).toBeGreaterThanOrEqual(0);
        expect(timestamp.nanos).toBeLessThan(1_000_000_000);
        expect(fromTimestamp(timestamp)).toEqual(date);
      }),
    );
  });

  test("are cut to milliseconds", () => {
    expect(fromTimestamp({ seconds: 1n, nanos: 999_999_999 })).toEqual(new Date(1999));
  });

  test("that are missing stay missing", () => {
    expect(fromTimestamp(undefined)).toBeUndefined();
  });
});
