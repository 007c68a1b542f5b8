import { connect, type Socket } from "node:net";
import { Code, RundError, systemError } from "../../common/error.ts";
import { type Frame, FrameReader, frameFlag, frameHeader, frameType, mostPayload } from "./frame.ts";
import { decodeHeaders, encodeHeaders } from "./header_block.ts";
import { SendWindow } from "./send_window.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Settings by their numbers. */
const [headerTableSize, initialWindowSize] = [1, 4];

/** Of what has come, so much is told at once to be read: half of what a peer may send ahead. */
const acknowledged = 32_768;

/** Bytes that are written at a time. */
const burst = 256 * 1024;

/** The only stream of a connection. */
const ownStream = 1;

export interface UploadListener {
  answered(message: Buffer): void;
  /** The call is over; no error when it ended as it should. */
  ended(error?: RundError): void;
  /** More may be sent. */
  drained(): void;
}

/**
 * A gRPC call that streams messages both ways, on a connection of its own. It is there for large content: Bun's HTTP/2 client,
 * seen with 1.4.5, sometimes stops for ever when the peer's window has been full.
 */
export class Upload {
  readonly #socket: Socket;
  readonly #listener: UploadListener;
  readonly #window = new SendWindow();
  readonly #frames = new FrameReader();
  /** Bytes that wait for the peer's window. */
  readonly #waiting: Buffer[] = [];
  #received: Buffer = Buffer.alloc(0);
  #unacknowledged = 0;
  #block: Buffer = Buffer.alloc(0);
  #isOver = false;

  /** @param path of the method: `/SERVICE/METHOD` */
  constructor(
    socketPath: string,
    path: string,
    metadata: ReadonlyMap<string, string>,
    listener: UploadListener,
  ) {
    this.#listener = listener;
    this.#socket = connect(socketPath);
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("drain", () => this.#flush());
    this.#socket.on("error", (error) => this.#end(systemError("containerd", error)));
    this.#socket.on("close", () =>
      this.#end(new RundError(Code.unavailable, "containerd: closed the connection")),
    );
    const pseudo = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost" };
    const own = { "content-type": "application/grpc", te: "trailers" };
    const block = encodeHeaders([...Object.entries(pseudo), ...Object.entries(own), ...metadata]);
    this.#socket.write(preface);
    // No table of headers, so that each comes with its name.
    this.#write(frameType.settings, 0, 0, Buffer.from([0, headerTableSize, 0, 0, 0, 0]));
    this.#write(frameType.headers, frameFlag.endHeaders, ownStream, block);
  }

  /** Whether what was sent has left this process, or nearly so: else {@link UploadListener.drained} tells. */
  get isDrained(): boolean {
    return this.#waiting.length === 0 && !this.#socket.writableNeedDrain;
  }

  send(message: Uint8Array): void {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    this.#waiting.push(prefix, Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    this.#flush();
  }

  /** Gives up the connection; nobody is told of anything any more. */
  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#socket.write(Buffer.concat([frameHeader({ type, flags, stream }, payload.length), payload]));
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#window.room > 0 && !this.#socket.writableNeedDrain) {
      this.#socket.write(this.#takeFrames());
    }
    if (this.isDrained && !this.#isOver) this.#listener.drained();
  }

  /** Frames of what there is and the peer has room for, for one write. */
  #takeFrames(): Buffer {
    const frames: Buffer[] = [];
    for (let size = 0; size < burst && this.#waiting.length > 0 && this.#window.room > 0; ) {
      const payload = this.#takeWaiting(Math.min(this.#window.room, mostPayload));
      const length = payload.reduce((sum, part) => sum + part.length, 0);
      this.#window.take(length);
      frames.push(frameHeader({ type: frameType.data, flags: 0, stream: ownStream }, length), ...payload);
      size += length;
    }
    return Buffer.concat(frames);
  }

  /** As many bytes as there are, up to a size. */
  #takeWaiting(size: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let rest = size; rest > 0; ) {
      const first = this.#waiting.shift();
      if (first === undefined) break;
      if (first.length > rest) this.#waiting.unshift(first.subarray(rest));
      taken.push(first.subarray(0, rest));
      rest -= Math.min(rest, first.length);
    }
    return taken;
  }

  #read(chunk: Buffer): void {
    for (const frame of this.#frames.read(chunk)) {
      if (this.#isOver) return;
      this.#handle(frame);
    }
  }

  #handle({ type, flags, stream, payload }: Frame): void {
    switch (type) {
      case frameType.data:
        this.#receive(payload);
        break;
      case frameType.headers:
      case frameType.continuation:
        this.#receiveHeaders(flags, type === frameType.headers, payload);
        break;
      case frameType.settings:
        this.#applySettings(flags, payload);
        break;
      case frameType.ping:
        if ((flags & frameFlag.ack) === 0) this.#write(frameType.ping, frameFlag.ack, 0, payload);
        break;
      case frameType.windowUpdate:
        this.#window.give(stream, payload.readUInt32BE(0) & 0x7fffffff);
        this.#flush();
        break;
      case frameType.reset:
      case frameType.goAway:
        this.#end(new RundError(Code.unavailable, "containerd: has given up the call"));
    }
  }

  #applySettings(flags: number, payload: Buffer): void {
    if ((flags & frameFlag.ack) !== 0) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) === initialWindowSize) this.#window.resize(payload.readUInt32BE(at + 2));
    }
    this.#write(frameType.settings, frameFlag.ack, 0, Buffer.alloc(0));
    this.#flush();
  }

  #receive(payload: Buffer): void {
    this.#unacknowledged += payload.length;
    if (this.#unacknowledged >= acknowledged) {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(this.#unacknowledged);
      for (const stream of [0, ownStream]) this.#write(frameType.windowUpdate, 0, stream, size);
      this.#unacknowledged = 0;
    }
    this.#received = Buffer.concat([this.#received, payload]);
    while (this.#received.length >= 5) {
      const end = 5 + this.#received.readUInt32BE(1);
      if (this.#received.length < end) return;
      const message = this.#received.subarray(5, end);
      this.#received = this.#received.subarray(end);
      this.#listener.answered(message);
    }
  }

  /** Those in front of the answers tell nothing; those behind them how the call has ended. */
  #receiveHeaders(flags: number, isFirst: boolean, payload: Buffer): void {
    const start = isFirst && (flags & frameFlag.priority) !== 0 ? 5 : 0;
    this.#block = Buffer.concat([isFirst ? Buffer.alloc(0) : this.#block, payload.subarray(start)]);
    if ((flags & frameFlag.endHeaders) === 0) return;
    const headers = decodeHeaders(this.#block);
    const status = headers.get("grpc-status");
    if (status === undefined) return;
    const code = Object.values(Code).find((candidate) => candidate === Number(status)) ?? Code.unknown;
    const text = decodeURIComponent(
      (headers.get("grpc-message") ?? "").replace(/%(?![0-9A-Fa-f]{2})/g, "%25"),
    );
    this.#end(status === "0" ? undefined : new RundError(code, text));
  }

  #end(error?: RundError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.ended(error);
  }
}
