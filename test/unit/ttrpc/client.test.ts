import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import { Empty } from "../../../src/proto/generated/google/protobuf/empty.ts";
import { TtrpcClient } from "../../../src/ttrpc/client.ts";
import { encodeFrame, FrameType, headerBytes, maxPayloadBytes } from "../../../src/ttrpc/frame.ts";
import { namespaceKey } from "../../../src/ttrpc/metadata.ts";
import { encodeSuccess } from "../../../src/ttrpc/response.ts";
import { type CallContext, type Services, unary } from "../../../src/ttrpc/service.ts";
import { afterTest, socketPath, startPair, startServer } from "./fixture.ts";

const none = new Uint8Array(0);
const closed = expect.objectContaining({ code: Code.unavailable, message: "ttrpc: closed" });

function service(methods: Services[string]): Services {
  return { "test.Test": methods };
}

/** A server that hands each connection to `serve`. */
async function startRaw(serve: (socket: Socket) => void): Promise<string> {
  const path = socketPath();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

async function connectTo(path: string): Promise<TtrpcClient> {
  const client = await TtrpcClient.connect(path);
  afterTest(() => client.close());
  return client;
}

describe("calls", () => {
  test("ten thousand at once are each answered with their own bytes", async () => {
    const { client } = await startPair(service({ Echo: (payload) => payload }));
    const calls = Array.from({ length: 10_000 }, async (_, index) => {
      const answer = await client.call("test.Test", "Echo", Buffer.from(String(index)));
      return Buffer.from(answer).toString() === String(index);
    });
    expect((await Promise.all(calls)).every(Boolean)).toBe(true);
  });

  test("answers may come in any order, and a waiting call blocks no other", async () => {
    const releases: (() => void)[] = [];
    const hold = () => new Promise<Uint8Array>((resolve) => releases.push(() => resolve(none)));
    const { client } = await startPair(service({ Hold: hold, Echo: (payload) => payload }));
    const order: number[] = [];
    const calls = [0, 1, 2].map((index) =>
      client.call("test.Test", "Hold", none).then(() => order.push(index)),
    );
    await client.call("test.Test", "Echo", none);
    expect(releases).toHaveLength(3);
    for (const release of releases.reverse()) release();
    await Promise.all(calls);
    expect(order).toEqual([2, 1, 0]);
  });

  test("an error keeps its code and text", async () => {
    const fail = unary(Empty, Empty, () => {
      throw new RundError(Code.alreadyExists, "exec a: already exists");
    });
    const { client } = await startPair(service({ Fail: fail }));
    await expect(client.invoke("test.Test", "Fail", Empty, Empty, {})).rejects.toMatchObject({
      code: Code.alreadyExists,
      message: "exec a: already exists",
    });
  });

  test("metadata and namespace reach the handler", async () => {
    let context: CallContext | undefined;
    const see = unary(Empty, Empty, (_, call) => {
      context = call;
      return {};
    });
    const { client } = await startPair(service({ See: see }));
    const metadata = { [namespaceKey]: "moby", "Some-Key": "value" };
    await client.invoke("test.Test", "See", Empty, Empty, {}, { metadata });
    expect(context).toMatchObject({ service: "test.Test", method: "See", namespace: "moby" });
    expect(context?.metadata.get("some-key")).toEqual(["value"]);
  });

  test("a deadline ends the call on both sides and the connection stays", async () => {
    let signal: AbortSignal | undefined;
    const hold = (_: Uint8Array, call: CallContext) => {
      signal = call.signal;
      return new Promise<Uint8Array>((resolve) => signal?.addEventListener("abort", () => resolve(none)));
    };
    const { client } = await startPair(service({ Hold: hold, Echo: (payload) => payload }));
    const call = client.call("test.Test", "Hold", none, { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ code: Code.deadlineExceeded });
    await client.call("test.Test", "Echo", none);
    if (signal?.aborted === false) {
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    }
    expect(signal?.reason).toMatchObject({ code: Code.deadlineExceeded });
  });

  test("a deadline further away than timers reach is no deadline", async () => {
    const { client } = await startPair(service({ Echo: async (payload) => payload }));
    await client.call("test.Test", "Echo", none, { timeoutMs: 2 ** 40 });
  });

  test("a request over the limit is refused before anything is sent", async () => {
    const { client } = await startPair(service({ Echo: (payload) => payload }));
    const call = client.call("test.Test", "Echo", new Uint8Array(maxPayloadBytes));
    await expect(call).rejects.toMatchObject({ code: Code.resourceExhausted });
    const largest = new Uint8Array(maxPayloadBytes - 64).fill(7);
    const answer = await client.call("test.Test", "Echo", largest);
    expect(Buffer.from(answer).equals(largest)).toBe(true);
  });
});

describe("answers that are not as they should be", () => {
  test.each([
    ["a frame over the limit", oversizedFrame(1), Code.resourceExhausted],
    ["no message", encodeFrame({ streamId: 1, type: 2, flags: 0, payload: Buffer.of(0xff) }), Code.internal],
    ["a stream", encodeFrame({ streamId: 1, type: FrameType.data, flags: 0, payload: none }), Code.internal],
  ])("%s fails the call it is for", async (_, bytes, code) => {
    const path = await startRaw((socket) => socket.once("data", () => socket.write(bytes)));
    const client = await connectTo(path);
    await expect(client.call("s", "m", none)).rejects.toMatchObject({ code });
    expect(client.isClosed).toBe(false);
  });

  test("unknown frames and answers to nobody are ignored", async () => {
    const unknown = encodeFrame({ streamId: 1, type: 77, flags: 0xff, payload: Buffer.of(1) });
    const answers = [
      unknown,
      encodeSuccess(99, none),
      encodeSuccess(2, none),
      encodeSuccess(1, Buffer.of(5)),
    ];
    const path = await startRaw((socket) => socket.once("data", () => socket.write(Buffer.concat(answers))));
    const client = await connectTo(path);
    expect([...(await client.call("s", "m", none))]).toEqual([5]);
  });
});

describe("a lost connection", () => {
  test("fails all open and later calls with unavailable", async () => {
    const path = await startRaw((socket) => socket.once("data", () => socket.destroy()));
    const client = await connectTo(path);
    const calls = await Promise.allSettled([client.call("s", "a", none), client.call("s", "b", none)]);
    expect(calls.map((call) => call.status === "rejected" && call.reason)).toEqual([closed, closed]);
    await client.closed;
    expect(client.isClosed).toBe(true);
    await expect(client.call("s", "c", none)).rejects.toEqual(closed);
  });

  test("by close() does the same", async () => {
    const { client } = await startPair(service({ Hold: () => new Promise(() => undefined) }));
    const call = client.call("test.Test", "Hold", none);
    client.close();
    await expect(call).rejects.toEqual(closed);
    await client.closed;
  });

  test("in the middle of a frame does the same", async () => {
    const path = await startRaw((socket) => {
      socket.once("data", () => socket.end(encodeSuccess(1, Buffer.alloc(100)).subarray(0, 50)));
    });
    const client = await connectTo(path);
    await expect(client.call("s", "m", none)).rejects.toEqual(closed);
  });
});

describe("TtrpcServer.close", () => {
  test("lets a running call be answered and then closes the connection", async () => {
    let release: () => void = () => undefined;
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const hold = () => {
      started();
      return new Promise<Uint8Array>((resolve) => {
        release = () => resolve(Buffer.of(1));
      });
    };
    const { client, server } = await startPair(service({ Hold: hold }));
    const call = client.call("test.Test", "Hold", none);
    await running;
    const closing = server.close();
    release();
    expect([...(await call)]).toEqual([1]);
    await Promise.all([closing, client.closed]);
    expect(server.connections).toBe(0);
  });

  test("does not wait longer than told for calls that never end", async () => {
    const { client, server } = await startPair(service({ Hold: () => new Promise(() => undefined) }));
    const call = client.call("test.Test", "Hold", none);
    call.catch(() => undefined);
    await server.close(20);
    await expect(call).rejects.toEqual(closed);
  });
});

describe("connecting", () => {
  test("to a missing socket is unavailable with the errno text", async () => {
    const path = socketPath();
    await expect(TtrpcClient.connect(path)).rejects.toMatchObject({
      code: Code.unavailable,
      message: `${path}: no such file or directory`,
    });
  });

  test("to a path too long for a socket is refused", async () => {
    const call = TtrpcClient.connect(`/tmp/${"x".repeat(200)}`);
    await expect(call).rejects.toMatchObject({ code: Code.invalidArgument });
  });

  test("can be left to the caller", async () => {
    const { path } = await startServer(service({ Echo: (payload) => payload }));
    const client = TtrpcClient.attach(connect({ path }));
    afterTest(() => client.close());
    expect([...(await client.call("test.Test", "Echo", Buffer.of(1)))]).toEqual([1]);
  });
});

function oversizedFrame(streamId: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(maxPayloadBytes + 1, 0);
  header.writeUInt32BE(streamId, 4);
  header.writeUInt8(FrameType.response, 8);
  return header;
}
