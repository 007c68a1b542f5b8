import { describe, expect, it } from "vitest";
import { assertGrpcVersion } from "../../../src/shim/grpc_support.ts";
import { readShimSettings } from "../../../src/shim/shim_settings.ts";

describe("readShimSettings", () => {
  it("has a shim for each container, over ttrpc, unless told otherwise", () => {
    expect(readShimSettings({})).toEqual({ transport: "ttrpc", grouping: false });
    expect(readShimSettings({ RUND_TRANSPORT: "", RUND_GROUPING: "0" })).toEqual(readShimSettings({}));
  });

  it("takes what it is told", () => {
    expect(readShimSettings({ RUND_GROUPING: "1" }).grouping).toBe(true);
    expect(readShimSettings({ RUND_TRANSPORT: "grpc" }).transport).toBe("grpc");
  });

  it.each([
    [{ RUND_GROUPING: "yes" }, 'RUND_GROUPING: must be 0 or 1, not "yes"'],
    [{ RUND_TRANSPORT: "GRPC" }, 'RUND_TRANSPORT: must be ttrpc or grpc, not "GRPC"'],
    [{ RUND_TRANSPORT: "grpc", RUND_GROUPING: "1" }, "RUND_GROUPING: cannot be had with RUND_TRANSPORT=grpc"],
  ])("refuses %j", (environment, message) => {
    expect(() => readShimSettings(environment)).toThrow(message);
  });
});

describe("assertGrpcVersion", () => {
  it.each(["1.7.0", "v1.7.24", "1.7.24~ds1", "1.7.0-rc.1+unknown"])("takes %s", (version) => {
    expect(() => assertGrpcVersion(version)).not.toThrow();
  });

  it.each(["1.6.20~ds1", "v2.0.0", "2.1.9", "v11.7.0", "", "unknown"])("refuses %j", (version) => {
    expect(() => assertGrpcVersion(version)).toThrow("grpc works with containerd 1.7 only");
  });
});
