import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import * as messages from "../../src/proto/generated/containerd/task/v2/task.ts";
import { Request, Response } from "../../src/proto/generated/ttrpc/request.ts";
import { encodeFrame, type Frame, FrameType } from "../../src/ttrpc/frame.ts";
import { FrameReader } from "../../src/ttrpc/frame_reader.ts";
import { shared } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { descriptorCount } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { rootfs } = shared();

const limit = 4 << 20;

/** A socket to the shim on which a test writes what it likes, and the frames that come back. */
class RawConnection {
  readonly socket: Socket;
  readonly #frames: Frame[] = [];
  readonly #arrivals: (() => void)[] = [];

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on("error", () => undefined);
    const reader = new FrameReader({
      onFrame: (frame) => {
        this.#frames.push({ ...frame, payload: Uint8Array.from(frame.payload) });
        for (const arrival of this.#arrivals.splice(0)) arrival();
      },
      onOversized: () => undefined,
    });
    this.socket.on("data", (chunk: Buffer) => reader.push(chunk));
    onTestFinished(() => void this.socket.destroy());
  }

  /** The answer's gRPC code on a stream, 0 for success. */
  async codeOn(streamId: number): Promise<number> {
    for (;;) {
      const frame = this.#frames.find((candidate) => candidate.streamId === streamId);
      if (frame !== undefined) return Response.decode(frame.payload).status?.code ?? 0;
      await new Promise<void>((resolve) => this.#arrivals.push(resolve));
    }
  }

  /** `timeoutNano` is how long its caller is going to wait, 0 for as long as it takes. */
  call(streamId: number, method = "Connect", payload: Uint8Array = connectRequest(), timeoutNano = 0n): void {
    const request = Request.encode({
      service: "containerd.task.v2.Task",
      method,
      payload,
      timeoutNano,
      metadata: [],
    }).finish();
    this.socket.write(encodeFrame({ streamId, type: FrameType.request, flags: 0, payload: request }));
  }
}

function connectRequest(): Uint8Array {
  return messages.ConnectRequest.encode({ id: "x" }).finish();
}

function header(length: number, streamId: number, type: number, flags = 0): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(streamId, 4);
  bytes.writeUInt8(type, 8);
  bytes.writeUInt8(flags, 9);
  return bytes;
}

async function startShim() {
  const started = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
  const { shimPid } = await started.task.connect();
  /** The same daemon as before answers old and new connections. */
  const expectServing = async () => {
    expect((await started.task.connect()).shimPid).toBe(shimPid);
    expect((await (await started.shim.connect()).connect()).shimPid).toBe(shimPid);
  };
  return { ...started, shimPid, expectServing };
}

describe("on the shim's socket", () => {
  it.each<readonly [string, Buffer]>([
    ["random bytes", randomBytes(64 << 10)],
    ["a line of text", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
    ["zeros", Buffer.alloc(4096)],
    ["half a header", Buffer.from([0, 0, 0])],
    ["a header whose content never comes", header(1000, 1, 1)],
    ["a header of the greatest length", header(0xffff_ffff, 1, 1)],
    [
      "a request that is no message",
      Buffer.concat([header(5, 1, 1), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])]),
    ],
    ["frames of unknown types", Buffer.concat([header(0, 1, 9), header(3, 3, 200), Buffer.from("abc")])],
    ["answers that nobody asked for", Buffer.concat([header(0, 1, 2), header(0, 3, 3)])],
  ])("%s do not hurt the daemon", async (_title, bytes) => {
    const { shim, expectServing } = await startShim();
    const raw = new RawConnection(shim.socket);
    raw.socket.write(bytes);
    await expectServing();
    raw.socket.end();
    await expectServing();
  });

  it("a frame over 4 MiB is refused on its stream, and the connection goes on", async () => {
    const { shim, expectServing } = await startShim();
    const raw = new RawConnection(shim.socket);
    raw.socket.write(header(limit + 1, 1, FrameType.request));
    raw.socket.write(Buffer.alloc(limit + 1));
    expect(await raw.codeOn(1)).toBe(8);
    raw.call(3);
    expect(await raw.codeOn(3)).toBe(0);
    await expectServing();
  });

  it("a frame of just 4 MiB is taken", async () => {
    const { shim } = await startShim();
    const raw = new RawConnection(shim.socket);
    raw.socket.write(Buffer.concat([header(limit, 1, FrameType.request), Buffer.alloc(limit, 0xff)]));
    expect(await raw.codeOn(1)).not.toBe(8);
    raw.call(3);
    expect(await raw.codeOn(3)).toBe(0);
  });

  it("a stream id that is even or does not rise is an invalid argument", async () => {
    const { shim } = await startShim();
    const raw = new RawConnection(shim.socket);
    raw.call(2);
    expect(await raw.codeOn(2)).toBe(3);
    raw.call(5);
    expect(await raw.codeOn(5)).toBe(0);
    raw.call(3);
    expect(await raw.codeOn(3)).toBe(3);
  });

  it("a request whose payload is no message is an invalid argument", async () => {
    const { shim, expectServing } = await startShim();
    const raw = new RawConnection(shim.socket);
    raw.call(1, "Create", Buffer.from([0xff, 0xff, 0xff]));
    expect(await raw.codeOn(1)).toBe(3);
    await expectServing();
  });

  it("many calls at once are all answered", async () => {
    const { task } = await startShim();
    const answers = await Promise.all(Array.from({ length: 500 }, () => task.connect()));
    expect(answers.length).toBe(500);
  });

  it("a client that goes away in the middle of a wait costs nothing", async () => {
    const { shim, task, expectServing } = await startShim();
    await task.create();
    await task.start();
    const waiting = await shim.connect();
    const lost = waiting.wait();
    waiting.client.close();
    await expect(lost).rejects.toThrow(/closed/);
    await expectServing();
    await task.kill(9);
    expect(await task.wait()).toMatchObject({ exitStatus: 137 });
  });

  it("a wait ends when its caller stops waiting, and the process runs on", async () => {
    const { shim, task } = await startShim();
    await task.create();
    await task.start();
    const raw = new RawConnection(shim.socket);
    const wait = messages.WaitRequest.encode({ id: shim.id, execId: "" }).finish();
    raw.call(1, "Wait", wait, 20_000_000n);
    expect(await raw.codeOn(1)).toBe(4);
    expect(await task.state()).toMatchObject({ status: 2 });
  });

  it("20000 waits whose clients are gone let their container be ended all the same", async () => {
    const { shim, task } = await startShim();
    await task.create();
    await task.start();
    // containerd has one connection, on which nothing tells that whoever waited has gone.
    const raw = new RawConnection(shim.socket);
    const wait = messages.WaitRequest.encode({ id: shim.id, execId: "" }).finish();
    for (let stream = 1; stream < 40_000; stream += 2) raw.call(stream, "Wait", wait);
    const kill = messages.KillRequest.encode({ id: shim.id, execId: "", signal: 9, all: true }).finish();
    raw.call(40_001, "Kill", kill);
    expect(await raw.codeOn(40_001)).toBe(0);
    expect(await raw.codeOn(1)).toBe(0);
  });

  it("connections that come and go leave no descriptors", async () => {
    const { shim, shimPid, expectServing } = await startShim();
    await expectServing();
    const before = descriptorCount(shimPid);
    for (let round = 0; round < 100; round++) {
      const socket = connect(shim.socket);
      await once(socket, "connect");
      socket.write(randomBytes(round));
      socket.destroy();
    }
    await expectServing();
    await expect.poll(() => descriptorCount(shimPid), { timeout: 10_000 }).toBeLessThanOrEqual(before + 2);
  });
});
