import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { decodeRecords, encodeRecords } from "../../../src/mount/records.ts";

const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", ""));
const records = fc.array(fc.array(text, { minLength: 1, maxLength: 6 }), { maxLength: 6 });

describe("records", () => {
  it("come back as they were, whatever the texts hold", () => {
    fc.assert(
      fc.property(records, (given) => {
        expect(decodeRecords(encodeRecords(given))).toEqual(given);
      }),
    );
  });

  it("leave out what a killed writer tore, and only that", () => {
    fc.assert(
      fc.property(records, fc.nat(), (given, cut) => {
        const data = encodeRecords(given);
        const whole = decodeRecords(data.subarray(0, data.length === 0 ? 0 : cut % data.length));
        expect(given.slice(0, whole.length)).toEqual(whole);
      }),
    );
  });

  it("refuse a NUL, which would become two fields", () => {
    expect(() => encodeRecords([["mount", "/a\0b"]])).toThrow(
      expect.objectContaining({ code: Code.invalidArgument }),
    );
  });

  it("take garbage for nothing", () => {
    expect(decodeRecords(Buffer.from("x\0y\0"))).toEqual([]);
    expect(decodeRecords(Buffer.from("0\0"))).toEqual([]);
    expect(decodeRecords(Buffer.from("99999999\0a\0"))).toEqual([]);
  });
});
