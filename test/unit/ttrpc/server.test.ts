import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import { silentLogger } from "../../../src/common/log.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import { Request, Response } from "../../../src/proto/generated/ttrpc/request.ts";
import { encodeFrame, FrameFlag, FrameType, headerBytes, maxPayloadBytes } from "../../../src/ttrpc/frame.ts";
import { type CallContext, type Services, unary } from "../../../src/ttrpc/service.ts";
import { RawPeer, startServer } from "./fixture.ts";

const services: Services = {
  "test.Echo": {
    Echo: (payload) => payload,
    Empty: unary(Empty, Empty, () => ({})),
    Fail: () => {
      throw new RundError(Code.notFound, "task x: not found");
    },
  },
};

function request(
  streamId: number,
  method: string,
  payload: Uint8Array = new Uint8Array(0),
  flags = 0,
): Buffer {
  const content = Request.encode(Request.create({ service: "test.Echo", method, payload })).finish();
  return encodeFrame({ streamId, type: FrameType.request, flags, payload: content });
}

function frame(streamId: number, type: number, payload: Uint8Array = new Uint8Array(0), flags = 0): Buffer {
  return encodeFrame({ streamId, type, flags, payload });
}

async function startPeer(table: Services = services, options = {}) {
  const running = await startServer(table, options);
  return { ...running, peer: new RawPeer(running.path) };
}

async function expectEcho(peer: RawPeer, streamId: number): Promise<void> {
  peer.socket.write(request(streamId, "Echo", Uint8Array.of(1, 2)));
  const answer = await peer.nextResponse();
  expect(answer.streamId).toBe(streamId);
  expect([...answer.response.payload]).toEqual([1, 2]);
}

describe("requests", () => {
  test("an empty answer is a frame without content", async () => {
    const { peer } = await startPeer();
    peer.socket.write(request(1, "Empty"));
    expect(await peer.nextFrame()).toEqual({ streamId: 1, type: 2, flags: 0, payload: Buffer.alloc(0) });
  });

  test("several requests in one chunk, and one request in many chunks, are all answered", async () => {
    const { peer } = await startPeer();
    peer.socket.write(
      Buffer.concat([request(1, "Echo", Uint8Array.of(1)), request(3, "Echo", Uint8Array.of(3))]),
    );
    expect((await peer.nextResponse()).streamId).toBe(1);
    expect((await peer.nextResponse()).streamId).toBe(3);
    for (const value of request(5, "Echo", Uint8Array.of(5))) {
      peer.socket.write(Buffer.of(value));
      await new Promise(setImmediate);
    }
    expect((await peer.nextResponse()).streamId).toBe(5);
  });

  test.each([
    ["an unknown service", { service: "test.Nope", method: "Echo" }, "service test.Nope"],
    ["an unknown method", { service: "test.Echo", method: "Nope" }, "method Nope"],
    ["a method every object has", { service: "test.Echo", method: "toString" }, "method toString"],
    ["a service every object has", { service: "constructor", method: "Echo" }, "service constructor"],
  ])("%s is unimplemented", async (_, call, message) => {
    const { peer } = await startPeer();
    peer.socket.write(frame(1, FrameType.request, Request.encode(Request.create(call)).finish()));
    const { response } = await peer.nextResponse();
    expect(response.status).toMatchObject({ code: Code.unimplemented, message });
  });

  test("a message that does not decode is an invalid argument", async () => {
    const { peer } = await startPeer();
    peer.socket.write(request(1, "Empty", Uint8Array.of(0x0a, 0x7f)));
    expect((await peer.nextResponse()).response.status?.code).toBe(Code.invalidArgument);
    await expectEcho(peer, 3);
  });
});

describe("protocol violations are answered and the connection stays", () => {
  test.each([
    ["an even stream id", request(2, "Echo"), 2, "must be odd"],
    ["a stream id used before", request(1, "Echo"), 1, "must increase"],
    ["data for no call", frame(7, FrameType.data), 7, "not active"],
    ["a request that is no message", frame(7, FrameType.request, Buffer.of(0xff)), 7, "request: malformed"],
    [
      "a request with more to come",
      request(7, "Echo", Buffer.of(1), FrameFlag.remoteOpen),
      7,
      "take a stream",
    ],
  ])("%s", async (_, bytes, streamId, message) => {
    const { peer } = await startPeer();
    await expectEcho(peer, 5);
    peer.socket.write(bytes);
    const answer = await peer.nextResponse();
    expect(answer.streamId).toBe(streamId);
    expect(answer.response.status).toMatchObject({
      code: Code.invalidArgument,
      message: expect.stringContaining(message),
    });
    await expectEcho(peer, 9);
  });

  test("a frame over the limit is resource exhausted and its content skipped", async () => {
    const { peer } = await startPeer();
    const header = Buffer.alloc(headerBytes);
    header.writeUInt32BE(maxPayloadBytes + 3, 0);
    header.writeUInt32BE(1, 4);
    header.writeUInt8(FrameType.request, 8);
    peer.socket.write(header);
    peer.socket.write(Buffer.alloc(maxPayloadBytes + 3, 0x01));
    const { streamId, response } = await peer.nextResponse();
    expect(streamId).toBe(1);
    expect(response.status).toMatchObject({ code: Code.resourceExhausted });
    await expectEcho(peer, 3);
  });

  test("unknown types and flags are ignored", async () => {
    const { peer } = await startPeer();
    peer.socket.write(Buffer.concat([frame(1, 9, Buffer.of(1)), frame(4, 0), frame(3, FrameType.response)]));
    peer.socket.write(request(5, "Echo", Buffer.of(1), 0xf8 | FrameFlag.remoteClosed));
    expect((await peer.nextResponse()).streamId).toBe(5);
  });
});

describe("data frames", () => {
  test("for a running call are ignored, so that it gets its own answer only", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = () => held.then(() => Uint8Array.of(7));
    const { peer } = await startPeer({ "test.Echo": { ...services["test.Echo"], Hold: hold } });
    peer.socket.write(Buffer.concat([request(1, "Hold"), frame(1, FrameType.data, Buffer.of(1))]));
    await expectEcho(peer, 3);
    release();
    const { streamId, response } = await peer.nextResponse();
    expect(streamId).toBe(1);
    expect([...response.payload]).toEqual([7]);
  });
});

describe("hopeless clients", () => {
  test("any garbage leaves the server working", async () => {
    const { path } = await startPeer();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (garbage) => {
        const peer = new RawPeer(path);
        peer.socket.end(garbage);
        await peer.closed;
      }),
      { numRuns: 50 },
    );
    await expectEcho(new RawPeer(path), 1);
  });

  test("megabytes of random bytes do not stay in memory", async () => {
    const { path } = await startPeer();
    const before = process.memoryUsage().rss;
    const peer = new RawPeer(path);
    const garbage = randomFillSync(Buffer.alloc(1 << 20));
    for (let index = 0; index < 32 && !peer.socket.destroyed; index++) {
      if (peer.socket.write(garbage)) continue;
      await Promise.race([new Promise((resolve) => peer.socket.once("drain", resolve)), peer.closed]);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
    await expectEcho(new RawPeer(path), 1);
  });

  test("a client that only violates the protocol is dropped", async () => {
    const { peer } = await startPeer(services, { maxViolations: 20 });
    await expectEcho(peer, 1);
    peer.socket.write(Buffer.concat(Array.from({ length: 25 }, () => frame(2, FrameType.data))));
    await peer.closed;
  });

  test("a client that never reads is dropped when its answers pile up", async () => {
    const warn = vi.fn();
    const options = { maxBufferedBytes: 8 << 20, logger: { ...silentLogger, warn } };
    const payload = Buffer.alloc(1 << 20);
    const table = { "test.Echo": { ...services["test.Echo"], Big: () => payload } };
    const { peer, server } = await startPeer(table, options);
    await expectEcho(peer, 1);
    peer.socket.pause();
    peer.socket.write(Buffer.concat(Array.from({ length: 40 }, (_, index) => request(2 * index + 3, "Big"))));
    await vi.waitFor(() => expect(server.connections).toBe(0));
    expect(warn).toHaveBeenCalledOnce();
  });

  test("a client that reads too slowly is paused and then dropped", async () => {
    const { peer, server } = await startPeer(services, { pauseBytes: 1 << 20, stallMs: 50 });
    await expectEcho(peer, 1);
    peer.socket.pause();
    peer.socket.write(request(3, "Echo", Buffer.alloc(3 << 20)));
    peer.socket.write(request(5, "Echo", Buffer.alloc(3 << 20)));
    await vi.waitFor(() => expect(server.connections).toBe(0));
  });

  test("a paused client that reads on gets everything", async () => {
    const { peer } = await startPeer(services, { pauseBytes: 1 << 20 });
    peer.socket.pause();
    for (let id = 1; id < 10; id += 2) peer.socket.write(request(id, "Echo", Buffer.alloc(2 << 20, id)));
    await new Promise(setImmediate);
    peer.socket.resume();
    for (let id = 1; id < 10; id += 2) {
      const { streamId, response } = await peer.nextResponse();
      expect(streamId).toBe(id);
      expect(response.payload.length).toBe(2 << 20);
    }
  });

  test("calls over a method's limit are refused while the others, and other methods, go on", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = () => held.then(() => new Uint8Array(0));
    const table: Services = { "test.Echo": { ...services["test.Echo"], Hold: hold } };
    const { peer } = await startPeer(table, { maxPendingCalls: 2 });
    peer.socket.write(Buffer.concat([request(1, "Hold"), request(3, "Hold"), request(5, "Hold")]));
    const refused = await peer.nextResponse();
    expect(refused.streamId).toBe(5);
    expect(refused.response.status?.code).toBe(Code.resourceExhausted);
    await expectEcho(peer, 7);
    release();
    expect((await peer.nextResponse()).streamId).toBe(1);
    expect((await peer.nextResponse()).streamId).toBe(3);
  });
});

describe("handlers", () => {
  test.each([
    [
      "a RundError",
      new RundError(Code.failedPrecondition, "task x: running"),
      Code.failedPrecondition,
      "task x: running",
    ],
    ["another error", new TypeError("boom"), Code.unknown, "boom"],
    ["no error at all", "text", Code.unknown, "text"],
    ["undefined", undefined, Code.unknown, "undefined"],
  ])("throwing %s answers a status and the connection stays", async (_, thrown, code, message) => {
    const fail = () => Promise.reject(thrown);
    const { peer } = await startPeer({ "test.Echo": { ...services["test.Echo"], Fail: fail } });
    peer.socket.write(request(1, "Fail"));
    expect((await peer.nextResponse()).response).toEqual(
      Response.create({ status: { code, message, details: [] } }),
    );
    await expectEcho(peer, 3);
  });

  test("a throw that has no text costs only its own connection", async () => {
    const fail = () => Promise.reject(Object.create(null));
    const { peer, path } = await startPeer({ "test.Echo": { ...services["test.Echo"], Fail: fail } });
    peer.socket.write(request(1, "Fail"));
    await peer.closed;
    await expectEcho(new RawPeer(path), 1);
  });

  test("an answer over the limit becomes resource exhausted", async () => {
    const huge = () => new Uint8Array(maxPayloadBytes);
    const { peer } = await startPeer({ "test.Echo": { ...services["test.Echo"], Huge: huge } });
    peer.socket.write(request(1, "Huge"));
    expect((await peer.nextResponse()).response.status?.code).toBe(Code.resourceExhausted);
    await expectEcho(peer, 3);
  });

  test("the signal of a call aborts when its connection is lost", async () => {
    let started: (context: CallContext) => void = () => undefined;
    const context = new Promise<CallContext>((resolve) => {
      started = resolve;
    });
    const hold = (_: Uint8Array, call: CallContext) => {
      started(call);
      return new Promise<Uint8Array>((resolve) =>
        call.signal.addEventListener("abort", () => resolve(new Uint8Array(0))),
      );
    };
    const { peer } = await startPeer({ "test.Echo": { Hold: hold } });
    peer.socket.write(request(1, "Hold"));
    const { signal } = await context;
    expect(signal.aborted).toBe(false);
    peer.socket.destroy();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    expect(signal.reason).toMatchObject({ code: Code.canceled });
  });
});
