import { describe, expect, it } from "vitest";
import { BootstrapResult } from "../../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { parseAddress } from "../../../src/shim/address_file.ts";
import { encodeAnswer } from "../../../src/shim/start_answer.ts";

const path = "/run/containerd/s/0123";
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("encodeAnswer", () => {
  it("is the bare address for every containerd", async () => {
    expect(text(await encodeAnswer("plain", { path, protocol: "ttrpc" }))).toBe(`unix://${path}`);
  });

  it("is JSON of version 2 from containerd 1.7 on", async () => {
    const answer = text(await encodeAnswer("json", { path, protocol: "ttrpc" }));
    expect(JSON.parse(answer)).toEqual({ version: 2, address: `unix://${path}`, protocol: "ttrpc" });
  });

  it("has a bare path for gRPC, of which containerd makes the target itself", async () => {
    const answer = text(await encodeAnswer("json", { path, protocol: "grpc" }));
    expect(JSON.parse(answer)).toEqual({ version: 2, address: path, protocol: "grpc" });
  });

  it("is a BootstrapResult from containerd 2.3 on, which may trim white space off it", async () => {
    const answer = await encodeAnswer("protobuf", { path, protocol: "ttrpc" });
    expect(BootstrapResult.decode(answer)).toMatchObject({
      version: 2,
      address: `unix://${path}`,
      protocol: "ttrpc",
    });
    const ends = Buffer.from([answer[0] ?? 0, answer.at(-1) ?? 0]).toString("latin1");
    expect(ends.trim()).toBe(ends);
  });

  it("cannot say gRPC in plain text", async () => {
    await expect(encodeAnswer("plain", { path, protocol: "grpc" })).rejects.toThrow("plain text");
  });

  it.each(["plain", "json"] as const)("does not look like a BootstrapResult as %s", async (form) => {
    const answer = await encodeAnswer(form, { path, protocol: "ttrpc" });
    expect(() => BootstrapResult.decode(answer)).toThrow();
  });
});

describe("parseAddress", () => {
  it.each([
    ["unix:///run/s", "/run/s"],
    ["/run/s", "/run/s"],
    ['{"version":2,"address":"unix:///run/s","protocol":"ttrpc"}', "/run/s"],
    ['{"version":2,"address":"/run/s","protocol":"grpc"}', "/run/s"],
    ["", undefined],
    ["vsock://3", undefined],
    ['{"version":2}', undefined],
  ])("finds the path in %j", (answer, expected) => {
    expect(parseAddress(answer)).toBe(expected);
  });
});
